#include "userspace/export/chrome_trace.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "userspace/export/output_buffer.h"
#include "userspace/export/trace_exporter.h"

namespace zctrace::exports {
namespace {

std::string in_quotes(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// A line per event. Readers hold microseconds as doubles: nothing is later than they can tell nanoseconds apart.
class ChromeWriter : public TraceWriter {
 public:
  explicit ChromeWriter(Output output) : out_(std::move(output)) {
    out_ << R"({"displayTimeUnit":"ns","otherData":{"producer":"zctrace","clock":"from the start of the run"},)"
         << R"("traceEvents":[)";
  }

  void process(const Process& process) override {
    metadata("process_name", process.id, 0, "name", in_quotes(process.name));
    if (!process.label.empty()) metadata("process_labels", process.id, 0, "labels", in_quotes(process.label));
    metadata("process_sort_index", process.id, 0, "sort_index", std::to_string(process.id));
  }

  void track(const Track& track) override {
    const bool counter = track.kind == Track::Kind::counter_of_bytes;  // the process's, not a thread's
    const bool task = track.kind == Track::Kind::thread && track.thread != 0 && track.thread < kNoThread;
    const auto thread = counter ? 0 : task ? track.thread : kNoThread + track.id;
    places_.push_back({track.process, thread, in_quotes(track.name)});
    if (counter) return;
    metadata("thread_name", track.process, thread, "name", places_.back().name);
    metadata("thread_sort_index", track.process, thread, "sort_index", std::to_string(track.id));
  }

  void begin(const Slice& slice, const std::vector<Arg>& args) override {
    complete(slice.track, slice.begin, slice.abuts ? end_for_doubles(slice) : slice.end, slice.name, slice.category);
    if (slice.flows != 0) out_ << R"(,"bind_id":")" << slice.flow << R"(","flow_out":true)";
    finish_event(args);
  }

  void end(const Slice&) override {}

  void point(const Point& point, const std::vector<Arg>& args) override {
    if (std::string_view(point.category) == "copy") {  // an instant cannot be inside a slice, nor have arrows
      complete(point.track, point.at, point.at, point.name, point.category);
      if (point.flow != 0) out_ << R"(,"bind_id":")" << point.flow << R"(","flow_in":true)";
    } else {
      open("i", point.track, point.at);
      out_ << R"(,"s":"t")";
      named(point.name, point.category);
    }
    finish_event(args);
  }

  void counter(uint32_t track, uint64_t at, uint64_t value) override {
    open("C", track, at);
    out_ << R"(,"name":)" << places_.at(track - 1).name << R"(,"args":{"bytes":)" << value << "}}";
  }

  void finish() override {
    out_ << "\n]}\n";
    out_.flush();
  }

 private:
  /// From here on stand the tracks that are no task's.
  static constexpr uint32_t kNoThread = 1u << 30;
  /// 50 days: there a double of microseconds still tells each nanosecond.
  static constexpr uint64_t kLatest = (uint64_t{1} << 42) * 1000;

  struct Place {
    uint32_t process, thread;
    std::string name;
  };

  void separate() {
    out_ << (first_ ? "\n" : ",\n");
    first_ = false;
  }

  void metadata(const char* what, uint32_t process, uint32_t thread, const char* key, const std::string& value) {
    separate();
    out_ << R"({"ph":"M","name":")" << what << R"(","pid":)" << process << R"(,"tid":)" << thread << R"(,"args":{")"
         << key << R"(":)" << value << "}}";
  }

  void microseconds(uint64_t ns) {
    const char decimals[] = {'.', static_cast<char>('0' + ns / 100 % 10), static_cast<char>('0' + ns / 10 % 10),
                             static_cast<char>('0' + ns % 10)};
    out_ << ns / 1000 << std::string_view(decimals, sizeof decimals);
  }

  void open(const char* phase, uint32_t track, uint64_t at) {
    separate();
    const auto& place = places_.at(track - 1);
    out_ << R"({"ph":")" << phase << R"(","pid":)" << place.process << R"(,"tid":)" << place.thread << R"(,"ts":)";
    microseconds(std::min(at, kLatest));
  }

  void named(uint32_t name, const char* category) { out_ << R"(,"cat":")" << category << R"(","name":)" << text(name); }

  /// A reader that adds begin and duration must not arrive behind the beginning of what comes next.
  static uint64_t end_for_doubles(const Slice& slice) {
    const auto as_read = [](uint64_t ns) { return static_cast<double>(ns) / 1000; };
    const auto begin = std::min(slice.begin, kLatest), end = std::min(slice.end, kLatest);
    return end - (end > begin && as_read(begin) + as_read(end - begin) > as_read(end));
  }

  void complete(uint32_t track, uint64_t begin, uint64_t end, uint32_t name, const char* category) {
    open("X", track, begin);
    out_ << R"(,"dur":)";
    microseconds(std::min(end, kLatest) - std::min(begin, kLatest));
    named(name, category);
  }

  void finish_event(const std::vector<Arg>& args) {
    const char* separator = R"(,"args":{")";
    for (const auto& arg : args) {
      out_ << separator << arg.key << R"(":)";
      separator = R"(,")";
      switch (arg.type) {
        case Arg::Type::count:
          out_ << arg.value;
          break;
        case Arg::Type::number:
          out_ << static_cast<int64_t>(arg.value);
          break;
        case Arg::Type::flag:
          out_ << (arg.value != 0 ? "true" : "false");
          break;
        case Arg::Type::text:
          out_ << text(static_cast<uint32_t>(arg.value));
          break;
      }
    }
    out_ << (args.empty() ? "}" : "}}");
  }

  const std::string& text(uint32_t id) {
    while (quoted_.size() <= id) quoted_.push_back(in_quotes(names.text(static_cast<uint32_t>(quoted_.size()))));
    return quoted_[id];
  }

  OutputBuffer out_;
  bool first_ = true;
  std::vector<Place> places_;        ///< by track
  std::vector<std::string> quoted_;  ///< the names, as JSON
};

}  // namespace

std::unique_ptr<Exporter> chrome_trace(Output output) {
  return trace_exporter(std::make_unique<ChromeWriter>(std::move(output)));
}

}  // namespace zctrace::exports
