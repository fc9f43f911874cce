#include "model/timeline/json_read.h"

#include <fmt/format.h>
#include <rapidjson/reader.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "model/timeline/byte_source.h"
#include "model/timeline/event_read.h"
#include "model/timeline/json_head.h"
#include "model/timeline/schema_1.h"

namespace zctrace::timeline {
namespace {

using Json = nlohmann::json;

/// A document of a schema that came after this program.
class UnsupportedVersion : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A JSON value from the parser's calls. Limited: the head of a document is small, whatever an attacker would like.
class ValueBuilder {
 public:
  void begin(Json container) {
    auto* added = add(std::move(container));
    open_.push_back(added);
  }
  void end() { open_.pop_back(); }
  void key(std::string name) { key_ = std::move(name); }
  Json* add(Json value) {
    if (++values_ > 1'000'000) throw SchemaError("too many values");
    if (open_.empty()) return &(root_ = std::move(value));
    if (open_.back()->is_array()) return &open_.back()->emplace_back(std::move(value));
    return &((*open_.back())[key_] = std::move(value));
  }
  Json take() { return std::move(root_); }

 private:
  Json root_ = Json::value_t::discarded;
  std::vector<Json*> open_;
  std::string key_;
  size_t values_ = 0;
};

/// Takes the parser's calls for one document and hands them to the section they belong to.
class Handler {
 public:
  Handler(Recording& recording, DocumentReader::Keep keep, ByteSource& source)
      : recording_(recording), events_(recording), keep_(keep == DocumentReader::Keep::all), source_(source) {}

  bool Null() {
    return scalar([](EventReader& e) { e.other(); }, nullptr);
  }
  bool Bool(bool value) {
    return scalar([](EventReader& e) { e.other(); }, value);
  }
  bool Int(int value) { return Int64(value); }
  bool Int64(int64_t value) {
    return scalar([&](EventReader& e) { e.negative(value); }, value);
  }
  bool Uint(unsigned value) { return Uint64(value); }
  bool Uint64(uint64_t value) {
    return scalar([&](EventReader& e) { e.number(value); }, value);
  }
  bool Double(double value) {
    return scalar([](EventReader& e) { e.other(); }, value);
  }
  bool String(const char* begin, rapidjson::SizeType size, bool) {
    const std::string_view value(begin, size);
    if (depth_ == 1 && section_ == Section::schema) schema(value);
    return scalar([&](EventReader& e) { e.text(value); }, value);
  }
  bool RawNumber(const char*, rapidjson::SizeType, bool) { return false; }  // not asked for

  bool StartObject() {
    nest();
    if (section_ == Section::run || section_ == Section::ledger) builder_.begin(Json::object());
    if (section_ == Section::events) events_.begin_object();
    return true;
  }
  bool EndObject(rapidjson::SizeType) {
    close([](EventReader& e) { e.end_object(); });
    return true;
  }
  bool StartArray() {
    if (depth_ == 0) throw SchemaError("is not an object");
    nest();
    if (section_ == Section::run || section_ == Section::ledger) builder_.begin(Json::array());
    if (section_ == Section::events) events_.begin_array();
    return true;
  }
  bool EndArray(rapidjson::SizeType) {
    close([](EventReader& e) { e.end_array(); });
    return true;
  }
  bool Key(const char* begin, rapidjson::SizeType size, bool) {
    const std::string_view name(begin, size);
    source_.recognised();
    if (depth_ == 1) {
      begin_section(name);
    } else if (section_ == Section::run || section_ == Section::ledger) {
      builder_.key(std::string(name));
    } else if (section_ == Section::events) {
      events_.key(name);
    }
    return true;
  }

  bool schema_seen() const { return schema_seen_; }
  bool in_events() const { return section_ == Section::events && depth_ > 0; }

  void finish() {
    if (!schema_seen_) throw SchemaError("has no schema");
    if (run_.is_discarded()) throw SchemaError("run: is missing");
    if (ledger_.is_discarded()) throw SchemaError("ledger: is missing");
    if (!events_seen_) throw SchemaError("events: is missing");
    if (version_ == 1) {
      upgrade_run(run_);
      upgrade_ledger(ledger_);
    }
    recording_.run = run_from_json(run_);
    recording_.ledger = ledger_from_json(ledger_);
  }

 private:
  enum class Section { none, schema, run, ledger, events, passed };

  void begin_section(std::string_view name) {
    section_ = name == "schema"   ? Section::schema
               : name == "run"    ? Section::run
               : name == "ledger" ? Section::ledger
               : name == "events" ? (keep_ ? Section::events : Section::passed)
                                  : Section::passed;
    if (name == "events") {
      if (events_seen_) throw SchemaError("events: appears twice");
      events_seen_ = true;
    }
  }

  template <class Call, class Value>
  bool scalar(Call call, const Value& value) {
    source_.recognised();
    if (depth_ == 0) throw SchemaError("is not an object");
    if (section_ == Section::run || section_ == Section::ledger) {
      builder_.add(value);
      keep_section();
    } else if (section_ == Section::events) {
      call(events_);
    }
    return true;
  }

  void nest() {
    source_.recognised();
    constexpr int kDeepest = 32;
    if (++depth_ > kDeepest) throw SchemaError(fmt::format("nested more than {} deep", kDeepest));
  }

  template <class Call>
  void close(Call call) {
    source_.recognised();
    --depth_;
    if (depth_ == 0) return;
    if (section_ == Section::run || section_ == Section::ledger) {
      builder_.end();
      keep_section();
    } else if (section_ == Section::events) {
      call(events_);
    }
  }

  /// Back on the top level, the section's value is whole.
  void keep_section() {
    if (depth_ == 1) (section_ == Section::run ? run_ : ledger_) = builder_.take();
  }

  void schema(std::string_view value) {
    const std::string ours = kSchema, family = ours.substr(0, ours.find('/') + 1);
    schema_seen_ = value.starts_with(family);
    version_ = value == ours ? 2 : value == kSchema1 ? 1 : 0;
    if (version_ != 0) return;
    if (schema_seen_)
      throw UnsupportedVersion(fmt::format("was made by a newer zctrace ({}); this one reads {}", value, ours));
    throw SchemaError("has another schema");
  }

  Recording& recording_;
  EventReader events_;
  const bool keep_;
  ByteSource& source_;
  ValueBuilder builder_;
  Json run_ = Json::value_t::discarded, ledger_ = Json::value_t::discarded;
  Section section_ = Section::none;
  int depth_ = 0;
  int version_ = 0;  ///< of the schema
  bool schema_seen_ = false, events_seen_ = false;
};

}  // namespace

struct DocumentReader::State {
  State(std::string file_name, std::FILE* file) : name(std::move(file_name)), source(file) {}

  [[noreturn]] void fail(const std::string& why, const std::string& hint = {}) const {
    throw Error(ExitStatus::failed, name + ": " + why, hint);
  }

  /// Whether the bytes end where they do because no more of them could be had.
  void check() const {
    if (source.failed()) fail(fmt::format("cannot be read from line {} on", source.line()));
    if (source.damaged()) fail(fmt::format("is damaged: zstd cannot decompress it from line {} on", source.line()));
    if (source.cut_off()) fail(fmt::format("is truncated at line {}", source.line()));
  }

  std::string name;
  ByteSource source;
  size_t documents = 0;
};

DocumentReader::DocumentReader(const std::string& path) {
  auto* file = path == "-" ? stdin : std::fopen(path.c_str(), "re");
  if (file == nullptr) throw Error(ExitStatus::failed, fmt::format("{}: {}", path, std::strerror(errno)));
  state_ = std::make_unique<State>(path == "-" ? "standard input" : path, file);
  if (state_->source.failed()) state_->fail(std::strerror(errno));
}

DocumentReader::~DocumentReader() = default;

bool DocumentReader::next(Recording& recording, Keep keep) {
  auto& source = state_->source;
  source.recognised();
  try {
    while (!source.at_end() && std::string_view(" \t\r\n").find(source.Peek()) != std::string_view::npos) source.Take();
  } catch (const ByteSource::TooLong&) {
    state_->fail("has no recording in its first 16 MiB, only blanks");
  }
  if (source.at_end()) {
    state_->check();
    if (state_->documents == 0) state_->fail("is empty: it contains no recording");
    return false;
  }
  ++state_->documents;
  recording = {};
  Handler handler(recording, keep, source);
  try {
    using namespace rapidjson;
    // Nesting is limited by the handler.
    if (const ParseResult parsed =
            Reader().Parse<kParseStopWhenDoneFlag | kParseValidateEncodingFlag>(source, handler);
        parsed.IsError()) {
      state_->check();
      // A number that is too large is whole.
      if (source.at_end() && parsed.Code() != kParseErrorNumberTooBig)
        state_->fail(fmt::format("is truncated at line {}", source.line()));
      state_->fail(fmt::format("is not valid JSON (line {})", source.line()));
    }
    handler.finish();
  } catch (const ByteSource::TooLong&) {
    state_->fail(fmt::format("holds a word of more than 16 MiB (line {})", source.line()));
  } catch (const UnsupportedVersion& error) {
    state_->fail(error.what(), "update zctrace: git pull in its clone");
  } catch (const SchemaError& error) {
    if (!handler.schema_seen())
      state_->fail("is JSON, but not a zctrace recording (no \"schema\": \"zctrace.timeline/2\")");
    if (handler.in_events()) state_->fail(fmt::format("line {}, event: {}", source.line(), error.what()));
    state_->fail(error.what());
  }
  return true;
}

Recording read_recording(const std::string& path) {
  DocumentReader reader(path);
  Recording recording, more;
  reader.next(recording, DocumentReader::Keep::all);
  if (reader.next(more, DocumentReader::Keep::head))
    throw Error(ExitStatus::failed, path + ": contains more than one recording where one is needed");
  return recording;
}

std::vector<Document> read_summaries(const std::string& path) {
  DocumentReader reader(path);
  std::vector<Document> documents;
  for (Recording recording; reader.next(recording, DocumentReader::Keep::head);)
    documents.push_back({std::move(recording.run), std::move(recording.ledger), {}, {}});
  return documents;
}

}  // namespace zctrace::timeline
