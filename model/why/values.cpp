#include "model/why/values.h"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "model/quantities/flow_quantities.h"
#include "model/timeline/names.h"
#include "model/why/why.h"

namespace zctrace::why {

namespace {

using namespace timeline;
using rules::Value;

Value id(std::string_view word) {
  Value value;
  value.id = word;
  if (!value.id.empty()) value.text = plain(value.id);
  return value;
}

Value yes_or_no(bool fact) {
  Value value;
  value.number = fact;
  return value;
}

/// Per byte that arrived.
Value ratio(std::optional<double> number, const Subject& subject) {
  Value value;
  value.number = number;
  value.evidence = copies_evidence(subject.part);
  const auto shown = [&](Language language) {
    return quantities::shown(quantities::computed(number, subject.run.evidence.copies), quantities::Unit::ratio,
                             language);
  };
  if (number) value.text = {shown(Language::english), shown(Language::chinese)};
  return value;
}

std::optional<double> per_byte(uint64_t bytes, const FlowPart& part) {
  if (part.bytes == 0) return {};
  return static_cast<double>(bytes) / static_cast<double>(part.bytes);
}

/// Of copies, which may have gone unseen.
Value copied(uint64_t bytes, const Subject& subject) {
  const auto& part = subject.part;
  const bool known = part.copies_known && subject.run.evidence.copies != Evidence::none;
  return ratio(known ? per_byte(bytes, part) : std::nullopt, subject);
}

/// "tcp" of "tcp 10.0.0.1:80 - ...", "unix" of "unix:[4711]"; other ends have none.
Value protocol(const FlowEnd& end) {
  if (end.kind != FlowEndKind::socket) return id("none");
  return id(end.name.substr(0, end.name.find_first_of(" :")));
}

Value filesystem(const FlowEnd& end) { return end.kind == FlowEndKind::file ? id(end.filesystem) : id("none"); }

Value fact(const Subject& subject, Fact fact) {
  return yes_or_no(std::ranges::find(subject.all.facts, fact) != subject.all.facts.end());
}

bool is_one(const FlowEnd& end, std::initializer_list<FlowEndKind> kinds) {
  return std::ranges::find(kinds, end.kind) != kinds.end();
}

/// Of the calls between these two ends that the kernel refused: what they asked for.
Value refused_call(const Subject& subject) {
  for (const FlowPart& part : subject.flow.parts)
    if (part.refused != 0) return id(text(part.method));
  return id("none");
}

Value same_filesystem(const Subject& subject) {
  const auto& [from, to] = std::pair(subject.flow.from, subject.flow.to);
  if (!is_one(from, {FlowEndKind::file}) || !is_one(to, {FlowEndKind::file})) return {};
  if (from.name.empty() && from.inode == 0) return {};
  return yes_or_no(from.device == to.device);
}

/// A JVM's own probes tell what all JVMs together copied, not of which flow: of these bytes it is at least what is left
/// where it copied first all that was read, or written, beside them. Not negative.
Value arrays(uint64_t ArrayCopies::*bytes, uint64_t of_all, const Subject& subject) {
  const auto& own = subject.ledger.sender.array_copies;
  if (!own) return {};
  const uint64_t beside = of_all - std::min(of_all, subject.part.bytes), copied = (*own).*bytes;
  return ratio(per_byte(copied - std::min(copied, beside), subject.part), subject);
}

Value counterpart(const std::optional<Counterpart>& other, const Subject& subject) {
  return other ? ratio(other->ratio, subject) : Value{};
}

struct Named {
  const char* name;
  Value (*of)(const Subject& subject);
};

constexpr auto kFile = FlowEndKind::file, kPipe = FlowEndKind::pipe, kSocket = FlowEndKind::socket,
               kMemory = FlowEndKind::memory;

constexpr Named kValues[] = {
    {"method", [](const Subject& s) { return id(text(s.part.method)); }},
    {"from", [](const Subject& s) { return id(text(s.flow.from.kind)); }},
    {"to", [](const Subject& s) { return id(text(s.flow.to.kind)); }},
    {"from_protocol", [](const Subject& s) { return protocol(s.flow.from); }},
    {"to_protocol", [](const Subject& s) { return protocol(s.flow.to); }},
    {"from_filesystem", [](const Subject& s) { return filesystem(s.flow.from); }},
    {"to_filesystem", [](const Subject& s) { return filesystem(s.flow.to); }},
    {"same_filesystem", same_filesystem},
    {"same_end", [](const Subject& s) { return yes_or_no(s.flow.from == s.flow.to); }},
    {"both_files",
     [](const Subject& s) { return yes_or_no(is_one(s.flow.from, {kFile}) && is_one(s.flow.to, {kFile})); }},
    {"both_pipes",
     [](const Subject& s) { return yes_or_no(is_one(s.flow.from, {kPipe}) && is_one(s.flow.to, {kPipe})); }},
    {"any_pipe",
     [](const Subject& s) { return yes_or_no(is_one(s.flow.from, {kPipe}) || is_one(s.flow.to, {kPipe})); }},
    {"any_other",
     [](const Subject& s) {
       const auto passes = {kFile, kPipe, kSocket, kMemory};
       return yes_or_no(!is_one(s.flow.from, passes) || !is_one(s.flow.to, passes));
     }},
    {"copies", [](const Subject& s) { return copied(s.part.cpu_bytes, s); }},
    {"buffer_copies", [](const Subject& s) { return copied(s.part.buffer_bytes, s); }},
    {"other_copies",
     [](const Subject& s) { return copied(s.part.cpu_bytes - std::min(s.part.cpu_bytes, s.part.buffer_bytes), s); }},
    {"transforms", [](const Subject& s) { return ratio(transforms_per_byte(s.part), s); }},
    {"tls_share", [](const Subject& s) { return ratio(per_byte(s.part.tls_bytes, s.part), s); }},
    {"dma", [](const Subject& s) { return yes_or_no(s.flow.sent_dma); }},
    {"loopback", [](const Subject& s) { return fact(s, Fact::loopback); }},
    {"no_scatter_gather", [](const Subject& s) { return fact(s, Fact::no_scatter_gather); }},
    {"no_checksum", [](const Subject& s) { return fact(s, Fact::no_checksum); }},
    {"appended", [](const Subject& s) { return fact(s, Fact::appended); }},
    {"pages_made", [](const Subject& s) { return fact(s, Fact::pages_made); }},
    {"no_so_zerocopy", [](const Subject& s) { return fact(s, Fact::no_so_zerocopy); }},
    {"compressed", [](const Subject& s) { return fact(s, Fact::compressed); }},
    {"refused_call", refused_call},
    {"error", [](const Subject& s) { return id(s.all.error.empty() ? "none" : s.all.error); }},
    {"into_arrays", [](const Subject& s) { return arrays(&ArrayCopies::into_bytes, s.moved.read, s); }},
    {"out_of_arrays", [](const Subject& s) { return arrays(&ArrayCopies::out_of_bytes, s.moved.written, s); }},
    {"beside", [](const Subject& s) { return counterpart(s.beside, s); }},
    {"beside_name", [](const Subject& s) { return s.beside ? id(s.beside->name) : Value{}; }},
    {"tls_beside", [](const Subject& s) { return counterpart(s.tls_beside, s); }},
};

}  // namespace

Value value_of(const std::string& name, const Subject& subject) {
  const auto* found = std::ranges::find(kValues, std::string_view(name), &Named::name);
  if (found == std::end(kValues)) throw std::invalid_argument("a flow has no value '" + name + "'");
  return found->of(subject);
}

std::vector<std::string> value_names() {
  std::vector<std::string> names;
  for (const Named& value : kValues) names.emplace_back(value.name);
  return names;
}

}  // namespace zctrace::why
