#include "model/timeline/schema_1.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "model/language/message_json.h"

namespace zctrace::timeline {
namespace {

struct Sentence {
  Text id;
  std::string_view english;
};

/// As schema 1 wrote them: never changed.
// clang-format off
constexpr Sentence kSentences[] = {
    {Text::note_tracepoints_only, "This kernel allows tracepoints only (fentry: {}; breakpoints: {}): copies are told from the results of system calls, the receiver's from skb_copy_datagram_iovec. Exact figures: --kernel 6.12."},
    {Text::note_no_breakpoints, "No breakpoints on this kernel ({}): copies are the all-ftrace sum alone."},
    {Text::note_residency_unknown, "How much of the file was in the page cache could not be asked."},
    {Text::note_hook_silent, "The hook on {} stayed silent in the self-test."},
    {Text::note_hook_unattributed, "In the self-test the hook on {} did not find out whose bytes it saw."},
    {Text::note_untracked, "{} system calls found no room in the map of open calls."},
    {Text::note_returns_unseen, "{} returns to a CPU were not told by this kernel: the CPU time is not known."},
    {Text::note_disk_told, "Of the {} bytes that passed the disk, this kernel told of {}."},
    {Text::note_nic_told, "Of the {} bytes that passed the network device, this kernel told of {}."},
    {Text::note_32_bit, "{} system calls were made by the 32-bit table: they are counted by name (with _32 at its end), what they moved is not known."},
    {Text::note_unledgered, "{} copies found no room in the ledger."},
    {Text::note_nested, "{} socket-buffer calls were nested deeper than can be followed."},
    {Text::note_skipped, "{} runs of the program on {} were skipped by the kernel."},
    {Text::note_linear, "{} bytes left in linear buffers: whether the device layer copied them is not seen here."},
    {Text::note_rounded, "O_DIRECT needs multiples of {} bytes: the chunk of {} was rounded up to {}"},
    {Text::reason_no_btf, "no /sys/kernel/btf/vmlinux"},
    {Text::reason_no_address, "no address of _copy_to_iter in /proc/kallsyms (kptr_restrict hides it?)"},
    {Text::reason_not_permitted, "Operation not permitted"},
    {Text::reason_denied, "Permission denied"},
    {Text::reason_invalid, "Invalid argument"},
    {Text::reason_not_supported, "Operation not supported"},
};
// clang-format on

constexpr std::string_view kHole = "{}";

/// What lies between the holes: one piece more than there are holes.
std::vector<std::string_view> pieces_of(std::string_view pattern) {
  std::vector<std::string_view> pieces;
  for (size_t hole; (hole = pattern.find(kHole)) != pattern.npos; pattern.remove_prefix(hole + kHole.size()))
    pieces.push_back(pattern.substr(0, hole));
  pieces.push_back(pattern);
  return pieces;
}

/// What `text` holds at the pattern's holes; nothing where it is not of that pattern. Every piece is taken where it
/// comes first and never given back, so a long text costs no more than its length.
std::optional<std::vector<std::string_view>> holes_in(std::string_view text, std::string_view pattern) {
  const auto pieces = pieces_of(pattern);
  if (!text.starts_with(pieces.front())) return {};
  text.remove_prefix(pieces.front().size());
  std::vector<std::string_view> holes;
  for (size_t i = 1; i < pieces.size(); ++i) {
    const bool last = i + 1 == pieces.size();
    if (last && !text.ends_with(pieces[i])) return {};
    const size_t end = last ? text.size() - pieces[i].size() : text.find(pieces[i]);
    if (end == text.npos) return {};
    holes.push_back(text.substr(0, end));
    text.remove_prefix(end + pieces[i].size());
  }
  if (!text.empty()) return {};
  return holes;
}

/// What stood at a hole: a sentence of its own, such as the reason in a note, or words.
Message message_of_hole(std::string_view english) {
  for (const Sentence& sentence : kSentences)
    if (sentence.english == english && arguments_of(sentence.id) == 0) return Message::of_chosen(sentence.id, {});
  return english;
}

void rename(nlohmann::json& object, const char* from, const char* to) {
  if (!object.is_object()) return;
  const auto found = object.find(from);
  if (found == object.end()) return;
  auto value = std::move(*found);
  object.erase(found);
  object[to] = std::move(value);
}

/// The member; null if there is none.
nlohmann::json* member(nlohmann::json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

}  // namespace

Message message_of_note(std::string_view english) {
  for (const Sentence& sentence : kSentences) {
    const auto holes = holes_in(english, sentence.english);
    if (!holes) continue;
    std::vector<Message> arguments;
    for (const std::string_view hole : *holes) arguments.push_back(message_of_hole(hole));
    return Message::of_chosen(sentence.id, std::move(arguments));
  }
  return english;
}

void upgrade_run(nlohmann::json& run) {
  if (auto* detail = member(run, "detail")) rename(*detail, "left_out", "omitted");
  auto* evidence = member(run, "evidence");
  if (evidence == nullptr) return;
  auto* notes = member(*evidence, "notes");
  if (notes == nullptr || !notes->is_array()) return;
  for (auto& note : *notes)
    if (note.is_string()) note = message_to_json(message_of_note(note.get_ref<const std::string&>()));
}

void upgrade_ledger(nlohmann::json& ledger) {
  auto* flows = member(ledger, "flows");
  if (flows == nullptr) return;
  rename(*flows, "outside", "unattributed");
  rename(*flows, "unfit", "dropped");
}

}  // namespace zctrace::timeline
