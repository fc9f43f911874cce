#include "model/timeline/json_write.h"

#include <nlohmann/json.hpp>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/error.h"
#include "model/timeline/json_head.h"
#include "model/timeline/names.h"

namespace zctrace::timeline {
namespace {

using OrderedJson = nlohmann::ordered_json;

/// File and device names need not be UTF-8; a document must be.
std::string dump(const OrderedJson& json) { return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace); }

/// A buffer before a FILE*: std::fwrite per field would cost more than the formatting.
class Sink {
 public:
  explicit Sink(std::FILE* file) : file_(file) {}

  void put(std::string_view text) {
    if (text.size() > buffer_.size() - used_) flush();
    if (text.size() > buffer_.size()) return write(text);
    std::memcpy(buffer_.data() + used_, text.data(), text.size());
    used_ += text.size();
  }

  template <class Number>
  void number(Number value) {
    constexpr size_t kLongest = 24;
    if (buffer_.size() - used_ < kLongest) flush();
    used_ = static_cast<size_t>(std::to_chars(buffer_.data() + used_, buffer_.data() + buffer_.size(), value).ptr -
                                buffer_.data());
  }

  void flush() {
    write({buffer_.data(), used_});
    used_ = 0;
  }

  void finish() {
    flush();
    if (std::fflush(file_) != 0) fail();
  }

 private:
  void write(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), file_) != text.size()) fail();
  }
  [[noreturn]] static void fail() {
    throw Error(ExitStatus::failed, std::string("the timeline cannot be written: ") + std::strerror(errno));
  }

  std::FILE* file_;
  size_t used_ = 0;
  std::array<char, 64 * 1024> buffer_;
};

/// Laid out for people: what fits into a line is one line, the rest is a line per member.
void pretty(Sink& sink, const OrderedJson& json, size_t indent) {
  constexpr size_t kLine = 240;  // a copy with its functions
  if (const auto flat = dump(json); !json.is_structured() || json.empty() || flat.size() + indent <= kLine)
    return sink.put(flat);
  const std::string margin(indent + 2, ' ');
  const char* separator = "\n";
  sink.put(json.is_object() ? "{" : "[");
  for (const auto& [key, value] : json.items()) {
    sink.put(separator);
    sink.put(margin);
    if (json.is_object()) sink.put(dump(key) + ": ");
    pretty(sink, value, indent + 2);
    separator = ",\n";
  }
  sink.put("\n" + margin.substr(2) + (json.is_object() ? "}" : "]"));
}

/// Writes the members of events. Keys come with their punctuation, so that a member is two copies and no formatting.
class EventWriter {
 public:
  EventWriter(Sink& sink, const std::vector<std::string>& names) : sink_(sink), names_(names) {}

  void write(const Event& event) {
    number(R"({"t":)", event.t_ns);
    word(R"(,"kind":")", text(event.kind));
    word(R"(,"side":")", text(event.side));
    if (event.task != 0) number(R"(,"task":)", event.task);
    number(R"(,"cpu":)", event.cpu);
    members(event);
    sink_.put("}");
  }

 private:
  template <class Number>
  void number(std::string_view key, Number value) {
    sink_.put(key);
    sink_.number(value);
  }
  void word(std::string_view key, std::string_view value) {
    sink_.put(key);
    sink_.put(value);
    sink_.put("\"");
  }
  void name(std::string_view key, uint16_t index) {
    sink_.put(key);
    sink_.put(names_.at(index));
  }
  void edge(End from, End to, Mover by) {
    word(R"(,"from":")", text(from));
    word(R"(,"to":")", text(to));
    word(R"(,"by":")", text(by));
  }

  void members(const Event& event) {
    switch (event.kind) {
      case EventKind::syscall:
        number(R"(,"dur":)", event.dur_ns);
        name(R"(,"name":)", event.name);
        number(R"(,"ret":)", event.result);
        if (event.count != 0) number(R"(,"faults":)", event.count);
        return folded(event);
      case EventKind::copy:
        name(R"(,"function":)", event.name);
        if (event.via != 0) name(R"(,"via":)", event.via);
        edge(event.from, event.to, event.by);
        number(R"(,"calls":)", event.count);
        number(R"(,"bytes":)", event.bytes);
        return word(R"(,"context":")", text(event.context));
      case EventKind::fault:
        return word(R"(,"mode":")", event.result == 1 ? "user" : "kernel");
      case EventKind::off_cpu:
        number(R"(,"dur":)", event.dur_ns);
        return name(R"(,"reason":)", event.name);
      case EventKind::softirq:
        name(R"(,"vector":)", event.name);
        return number(R"(,"dur":)", event.dur_ns);
      case EventKind::disk:
        number(R"(,"dur":)", event.dur_ns);
        number(R"(,"bytes":)", event.bytes);
        number(R"(,"payload":)", event.bytes2);
        if (event.result >= 0) number(R"(,"offset":)", event.result);
        return name(R"(,"op":)", event.name);
      case EventKind::transmit:
        name(R"(,"device":)", event.name);
        number(R"(,"segments":)", event.count);
        number(R"(,"linear":)", event.bytes);
        number(R"(,"paged":)", event.bytes2);
        return number(R"(,"headers":)", event.result);
      case EventKind::mark:
        return name(R"(,"name":)", event.name);
    }
  }

  void folded(const Event& event) {
    std::string_view open = R"(,"copies":[{"function":)", close = "";
    for (const auto& copy : event.folded) {
      if (copy.calls == 0) continue;
      name(open, copy.function);
      edge(copy.from, copy.to, copy.by);
      number(R"(,"calls":)", copy.calls);
      number(R"(,"bytes":)", copy.bytes);
      number(R"(,"at":)", copy.at_ns);
      open = R"(},{"function":)";
      close = "}]";
    }
    sink_.put(close);
  }

  Sink& sink_;
  const std::vector<std::string>& names_;
};

}  // namespace

struct DocumentWriter::State {
  explicit State(std::FILE* file) : sink(file) {}

  Sink sink;
  std::vector<std::string> names;  ///< escaped and quoted once, not once per event
  bool first = true;
};

DocumentWriter::DocumentWriter(std::FILE* sink, const Run& run, const Ledger& ledger)
    : state_(std::make_unique<State>(sink)) {
  auto& out = state_->sink;
  out.put("{\n  \"schema\": " + dump(kSchema) + ",\n  \"run\": ");
  pretty(out, run_to_json(run), 2);
  out.put(",\n  \"ledger\": ");
  pretty(out, ledger_to_json(run, ledger), 2);
  out.put(",\n  \"events\": [");
}

DocumentWriter::~DocumentWriter() = default;

void DocumentWriter::write(std::span<const Event> events, std::span<const std::string> names) {
  for (size_t i = state_->names.size(); i < names.size(); ++i) state_->names.push_back(dump(names[i]));
  EventWriter writer(state_->sink, state_->names);
  for (const auto& event : events) {
    state_->sink.put(state_->first ? "\n    " : ",\n    ");
    state_->first = false;
    writer.write(event);
  }
}

void DocumentWriter::finish() {
  state_->sink.put(state_->first ? "]\n}\n" : "\n  ]\n}\n");
  state_->sink.finish();
}

void write_document(std::FILE* sink, const Document& document) {
  DocumentWriter writer(sink, document.run, document.ledger);
  writer.write(document.events, document.names);
  writer.finish();
}

void write_document(std::FILE* sink, const Recording& recording) {
  DocumentWriter writer(sink, recording.run, recording.ledger);
  for (const auto& event : recording.events) writer.write({&event, 1}, recording.names);
  writer.finish();
}

void write_document(const std::string& path, const Document& document) {
  if (path == "-") return write_document(stdout, document);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "we"), &std::fclose);
  if (!file) throw Error(ExitStatus::failed, path + ": cannot be written: " + std::strerror(errno));
  write_document(file.get(), document);
}

}  // namespace zctrace::timeline
