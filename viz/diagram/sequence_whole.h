#pragma once

#include <string>
#include <vector>

#include "model/language/texts.h"
#include "model/timeline/recording.h"
#include "viz/diagram/sequence_density.h"
#include "viz/diagram/sequence_frame.h"
#include "viz/diagram/sequence_head.h"

namespace zctrace::diagram {

/// How many columns its time has.
size_t columns_of(Form form);

/// Draws a whole run: a lane per thing, one column per two pixels, whatever the number of events.
class WholePicture {
 public:
  /// `seen`: of the whole run, in columns_of(options.form) columns.
  WholePicture(const timeline::Recording& document, const Options& options, const Choice& chunk, const Density& seen);
  std::string draw();

 private:
  /// A step line's surface: what goes into it, and how.
  struct Layer {
    std::vector<double> heights;  ///< 0..1 per column
    std::string_view classes;
    enum class Fill : uint8_t { full, hatched, outline } fill = Fill::full;
  };
  struct Lane {
    std::string name, figure;
    std::string_view classes;  ///< of the figure
    std::string_view band;
    double height = 0;
    std::vector<Layer> layers;  ///< from the bottom up, one upon the other
  };

  std::string lesson() const;
  std::string times() const;
  std::vector<Lane> lanes() const;
  /// "61%, off CPU 8%"
  std::string time_shares(const Activity& activity, const Columns& running, const Columns& off) const;
  Lane activity(std::string name, const Activity& activity, std::string_view classes, double height) const;
  /// Amounts, relative to `most`.
  Lane amounts(Text name, std::string figure, const std::vector<double>& values, double most,
               std::string_view classes) const;
  /// The ledger's bytes that `by` moved on that side, of which there may be no events.
  std::string moved(timeline::Side side, timeline::Mover by) const;
  double draw_marks(double y);
  double draw_lane(const Lane& lane, double y);
  void draw_layer(const Layer& layer, std::vector<double>& base, double top, double bottom);
  void draw_times(double top, double bottom);
  void draw_ranges(double top, double bottom);
  /// Below the lanes: where the chunk of the other picture lies, and the time after the last call.
  void draw_stretches(double y);

  bool all_recorded() const;
  std::string share(double ns, size_t threads) const;
  std::string_view words_of(Text text) const { return words(text, options_.language); }
  bool wide() const { return options_.form == Form::wide; }

  const timeline::Recording& document_;
  Options options_;
  const Choice& chunk_;
  double left_, right_;
  const Density& seen_;
  Window drain_;  ///< after the last call, while the kernel sends what it holds; empty where it is not known
  Svg svg_;
  Frame frame_;
};

}  // namespace zctrace::diagram
