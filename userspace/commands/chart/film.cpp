#include "userspace/commands/chart/film.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/output_file.h"
#include "base/process.h"
#include "model/language/texts.h"
#include "userspace/commands/chart/raster.h"
#include "viz/terminal/progress.h"

namespace zctrace::commands {
namespace {

using Words = std::vector<std::string>;
const std::string kInstead = "have an SVG that moves: --animate -o NAME.svg";

struct Format {
  double zoom;
  double frame_rate;  // frames/s
};
// A GIF counts time in 1/100 s.
constexpr Format kMp4{1.5, 25}, kGif{1, 12.5};

bool is_gif(const std::string& path) { return path.ends_with(".gif"); }

/// PNGs behind each other.
class Frames {
 public:
  Frames(const diagram::AnimatedFlow& flow, const Format& format) : file_(""), raster_(format.zoom, kInstead) {
    const auto count = static_cast<size_t>(std::ceil(flow.length() * format.frame_rate));
    // Where nothing moves, frames are the same.
    for (size_t i = 0; i < count; ++i) {
      auto svg = flow.still(static_cast<double>(i) / format.frame_rate);
      if (drawn_.empty() || svg != drawn_.back().svg)
        drawn_.push_back({std::move(svg), 1});
      else
        ++drawn_.back().times;
    }
    rasterize();
  }

  int fd() {
    lseek(fileno(file_.stream()), 0, SEEK_SET);
    return fileno(file_.stream());
  }

 private:
  struct Drawn {
    std::string svg;
    size_t times;
  };

  void rasterize() {
    terminal::Progress progress;
    const size_t at_once = std::max(1U, std::thread::hardware_concurrency());
    for (size_t done = 0; done < drawn_.size(); done += at_once) {
      progress.show(message(Text::stage_frames), 100.0 * static_cast<double>(done) / static_cast<double>(drawn_.size()));
      std::vector<std::future<std::string>> made;
      for (size_t i = done; i < std::min(done + at_once, drawn_.size()); ++i)
        made.push_back(std::async(std::launch::async, [this, i] { return raster_.png(drawn_[i].svg); }));
      for (size_t i = 0; i < made.size(); ++i) {
        const auto png = made[i].get();
        for (size_t time = 0; time < drawn_[done + i].times; ++time) file_.write(png);
      }
    }
    file_.commit();
  }

  OutputFile file_;
  Raster raster_;
  std::vector<Drawn> drawn_;
};

class Ffmpeg {
 public:
  Ffmpeg() : program_(find_program("ffmpeg")) {
    if (program_.empty())
      throw Error(ExitStatus::failed, "ffmpeg, which makes films, is missing",
                  "sudo apt-get install ffmpeg, or " + kInstead);
  }

  /// What it makes of the frames; `more`: read as its second input.
  std::string make(Frames& frames, const Format& format, const Words& options, const std::string& more = {}) const {
    OutputFile made(""), second("");
    SpawnRequest request;
    auto& command = request.command = {program_, "-hide_banner", "-nostdin", "-loglevel", "error", "-y"};
    const auto rate = fmt::format("{}", format.frame_rate);
    const Words input{"-f", "image2pipe", "-c:v", "png", "-framerate", rate, "-i", "pipe:0"};
    command.insert(command.end(), input.begin(), input.end());
    request.fds = {{frames.fd(), STDIN_FILENO}, {fileno(made.stream()), kMade}};
    if (!more.empty()) {
      second.write(more);
      second.commit();
      request.fds.emplace_back(fileno(second.stream()), kSecond);
      command.insert(command.end(), {"-i", fmt::format("/dev/fd/{}", kSecond)});
    }
    command.insert(command.end(), options.begin(), options.end());
    command.push_back(fmt::format("/dev/fd/{}", kMade));
    const auto finished = run_program(std::move(request));
    if (finished.status != 0)
      throw Error(ExitStatus::failed, "ffmpeg: " + finished.err.substr(0, finished.err.find('\n')), kInstead);
    std::ifstream film(made.readable_path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(film), {}};
  }

 private:
  static constexpr int kMade = 3, kSecond = 4;  // descriptors in the program

  std::filesystem::path program_;
};

}  // namespace

bool is_film(const std::string& path) { return path.ends_with(".mp4") || is_gif(path); }

std::string film(const diagram::AnimatedFlow& flow, const std::string& path) {
  const Ffmpeg ffmpeg;
  const auto& format = is_gif(path) ? kGif : kMp4;
  Frames frames(flow, format);
  terminal::Progress progress;
  progress.show(message(Text::stage_film));
  if (is_gif(path)) {
    // Its 256 colours are those of the whole film.
    const auto palette =
        ffmpeg.make(frames, format, {"-vf", "palettegen=stats_mode=full", "-c:v", "png", "-f", "image2pipe"});
    const Words gif{"-lavfi", "paletteuse=dither=none:diff_mode=rectangle", "-loop", "0", "-f", "gif"};
    return ffmpeg.make(frames, format, gif, palette);
  }
  // Its colours are subsampled, so its sides are even; and they are what HD players take them for.
  return ffmpeg.make(frames, format,
                     {"-vf",
                      "crop=trunc(iw/2)*2:trunc(ih/2)*2:0:0,scale=out_color_matrix=bt709:out_range=tv,format=yuv420p",
                      "-c:v", "libx264", "-preset", "slow", "-tune", "animation", "-crf", "20", "-colorspace", "bt709",
                      "-color_primaries", "bt709", "-color_trc", "bt709", "-movflags", "+faststart", "-f", "mp4"});
}

}  // namespace zctrace::commands
