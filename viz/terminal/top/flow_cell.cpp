#include "viz/terminal/top/flow_cell.h"

#include <algorithm>

#include "base/text.h"
#include "model/language/texts.h"
#include "model/quantities/amount.h"
#include "model/summary/flow_rows.h"

namespace zctrace::terminal {

using timeline::FlowEnd;
using timeline::FlowEndKind;

namespace {

Text kind_text(FlowEndKind kind) {
  switch (kind) {
    case FlowEndKind::file:
      return Text::file;
    case FlowEndKind::socket:
      return Text::live_socket;
    case FlowEndKind::pipe:
      return Text::pipe;
    case FlowEndKind::device:
      return Text::live_device;
    case FlowEndKind::memory:
      return Text::live_memory;
    case FlowEndKind::process:
    case FlowEndKind::other:
      break;
  }
  return Text::live_other_end;
}

/// The end of a path or of an address tells more than its beginning.
std::string fit_end(std::string text, int width) {
  // Of a socket the other end; of a server's connections that are told together its own.
  constexpr std::string_view kBetween = " - ";
  if (const auto between = text.rfind(kBetween); between != text.npos && columns(text) > width) {
    const auto begin = text.find(' ') + 1;
    const auto own = text.substr(begin, between - begin), peer = text.substr(between + kBetween.size());
    const auto any = peer.find('*');
    const auto end = any == peer.npos ? "…" + peer : own + peer.substr(std::min(peer.find(' ', any), peer.size()));
    const auto shorter = text.substr(0, begin) + end;
    text = columns(shorter) <= width ? shorter : any == peer.npos ? peer : end;
  }
  const auto all = characters(text);
  int left = width;
  for (const char32_t character : all) left -= columns(character);
  if (left >= 0) return text;
  size_t first = all.size();
  for (int used = 1; first > 0 && (used += columns(all[first - 1])) <= width;) --first;
  std::string cut = "…";
  for (size_t i = first; i < all.size(); ++i) cut += utf8(all[i]);
  return cut;
}

}  // namespace

Ink ink_of(const timeline::Motion& motion) {
  const auto copies = motion.copies_per_byte();
  if (!copies) return Ink::dim;
  if (!quantities::is_zero_copy(*copies)) return Ink::cpu;
  if (motion.copies == timeline::Evidence::at_least) return Ink::dim;
  return quantities::is_untouched(*copies, motion.transforms_per_byte()) ? Ink::reference : Ink::transform;
}

std::string end_text(const FlowEnd& end, Language language) {
  const auto kind = std::string(words(kind_text(end.kind), language));
  if (end.kind == FlowEndKind::memory) return end.process ? summary::end_text(end, language) : kind;
  return end.name.empty() ? say(language, Text::live_no_end, kind) : end.name;
}

std::string flow_cell(const timeline::Flow& flow, const timeline::Motion& motion, int width, const Style& style) {
  const Ink ink = ink_of(motion);
  const std::string arrow = ink == Ink::cpu         ? " ━▶ "
                            : ink == Ink::reference ? " ╌▶ "
                            : ink == Ink::transform ? " ┅▶ "
                                                    : " → ";
  auto from = end_text(flow.from, style.language), to = end_text(flow.to, style.language);
  const int room = std::max(2, width - columns(arrow));
  const int from_width = columns(from), to_width = columns(to);
  if (from_width + to_width > room) {
    // What one end does not need is the other's.
    const int half = room / 2;
    const int for_from = std::min(from_width, std::max(half, room - to_width));
    from = fit_end(from, for_from);
    to = fit_end(to, room - columns(from));
  }
  const int blanks = width - columns(from) - columns(arrow) - columns(to);
  return paint(fit(from, width), Ink::plain, style) + paint(arrow, ink, style) +
         paint(fit(to, width), Ink::plain, style) + std::string(static_cast<size_t>(std::max(0, blanks)), ' ');
}

}  // namespace zctrace::terminal
