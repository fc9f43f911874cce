#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/language/texts.h"
#include "model/timeline/recording.h"
#include "viz/diagram/sequence_frame.h"
#include "viz/diagram/sequence_head.h"
#include "viz/diagram/sequence_receives.h"
#include "viz/diagram/sequence_scene.h"

namespace zctrace::diagram {

/// A box of text beside the lanes, tied to moments.
struct Chip {
  struct Line {
    std::string text;
    std::string_view classes;
    Font font;
  };
  std::vector<double> at;  ///< positions along the time
  std::vector<Line> lines;
  std::string_view meaning;  ///< the class of its arrows; empty for a call's name
  std::string dash;          ///< of its arrows
  bool to_call = false;      ///< arrows lead from here to the call, not from it
  std::string group, tooltip;
  Slot slot;
};

/// Draws one chunk: the textbooks' figure, with the time to scale.
class ChunkPicture {
 public:
  ChunkPicture(const timeline::Recording& document, const Options& options, const Choice& choice, const Scene& scene);
  std::string draw();

 private:
  /// Across the lanes, px.
  struct Lanes {
    double user1, chips1, chips2, thread, boundary, block1, block2, inner1, inner2, hardware1, disk1, disk2, nic1, nic2,
        hardware2, others1;
  };

  std::string lesson() const;
  std::string choice_text() const;
  /// Where the whole run's copies do not show in this window: what they were. Else empty.
  std::string elsewhere() const;
  std::vector<std::string> notes() const;
  std::vector<Sign> signs() const;

  void chips();
  Chip chip(const MovedAt& moved) const;
  Chip chip(const timeline::Event& call) const;
  void measure(std::vector<Chip>& chips);
  Lanes lanes(double top) const;
  /// Returns where they end.
  double bands();

  void draw_thread();
  void draw_calls();
  void draw_strip();
  void draw_switches();
  void draw_chips(const std::vector<Chip>& chips, double c1, double c2, bool outer);
  void draw_card();
  void draw_packets(const Events& packets, bool of_others);
  void draw_disk();
  void draw_requests(const Events& requests, bool of_others);
  void draw_others();
  void draw_lane(const Thread& thread, double c1, double c2);
  void draw_marks(const std::vector<Chip>& marks, double c1, double c2);

  /// Below the lanes, with a time of its own: which of the receiver's calls took the chunk's bytes, or that it is not
  /// known. Returns where it ends.
  double draw_receives(double top);
  void draw_taken(const Frame& frame, double from, double c1, double c2);

  std::string call_text(const timeline::Event& call, bool with_time) const;
  std::string tip(const timeline::Event& event, const std::string& what) const;
  void off_cpu(const timeline::Event& event, size_t count, double a1, double a2, double c1, double c2);
  std::string_view words_of(Text text) const { return words(text, options_.language); }
  bool wide() const { return options_.form == Form::wide; }

  const timeline::Recording& document_;
  Options options_;
  const Choice& choice_;
  const Scene& scene_;
  Svg svg_;
  Frame frame_;
  Lanes lanes_{};
  std::vector<Chip> outer_, inner_;  ///< beside the user's side of the calls, and beside the kernel's
};

}  // namespace zctrace::diagram
