#include "userspace/export/trace_events.h"

#include "model/summary/sentences.h"
#include "model/timeline/ledger.h"
#include "model/timeline/names.h"

namespace zctrace::exports {

using namespace timeline;

TraceEvents::TraceEvents(const Recording& document, Names& names)
    : doc_(document),
      names_(names),
      user_fault_(names.id("page fault, user")),
      kernel_fault_(names.id("page fault, kernel")),
      transmit_(names.id("transmit")) {
  for (const auto& text : document.names) own_.push_back(names.id(text));
}

uint32_t TraceEvents::edge(Side side, End from, End to, Mover by) {
  const auto index = [](auto value) { return static_cast<size_t>(value); };
  auto& known = edges_.at(((index(side) * 7 + index(from)) * 7 + index(to)) * 4 + index(by));
  if (known == 0) {
    std::string name = summary::mark(copies_evidence(doc_.run, side));
    name += text(by);
    if (by == Mover::cpu || by == Mover::dma) name += " copy";
    known = 1 + names_.id(name.append(", ").append(text(from)).append(" to ").append(text(to)));
  }
  return known - 1;
}

uint32_t TraceEvents::name(const Event& event, int folded) {
  if (folded != kWhole) {
    const auto& copy = event.folded[folded];
    return edge(event.side, copy.from, copy.to, copy.by);
  }
  switch (event.kind) {
    case EventKind::copy:
      return edge(event.side, event.from, event.to, event.by);
    case EventKind::fault:
      return event.result == 1 ? user_fault_ : kernel_fault_;
    case EventKind::transmit:
      return transmit_;
    default:
      return own_.at(event.name);
  }
}

const char* TraceEvents::category(const Event& event, int folded) {
  if (folded != kWhole) return "copy";
  static constexpr const char* kCategories[] = {"syscall", "copy", "fault",    "off_cpu",
                                                "softirq", "disk", "transmit", "mark"};
  return kCategories[static_cast<size_t>(event.kind)];
}

void TraceEvents::copy_args(const Event& event, int folded, std::vector<Arg>& args) {
  const bool whole = folded == kWhole;
  const auto& inside = event.folded[whole ? 0 : folded];
  const auto function = whole ? event.name : inside.function;
  // Not "side": Chrome's viewer wants no key of a call again in what its arrows lead to.
  args.push_back(Arg::text("for", word(text(event.side))));
  args.push_back(Arg::text("from", word(text(whole ? event.from : inside.from))));
  args.push_back(Arg::text("to", word(text(whole ? event.to : inside.to))));
  args.push_back(Arg::text("by", word(text(whole ? event.by : inside.by))));
  args.push_back(Arg::count("bytes", whole ? event.bytes : inside.bytes));
  args.push_back(Arg::count("calls", whole ? event.count : inside.calls));
  // An inferred copy has no function: the call itself said it.
  if (whole || function != event.name) args.push_back(Arg::text("function", own_.at(function)));
  if (whole && event.via != 0) args.push_back(Arg::text("via", own_.at(event.via)));
  if (whole && event.context == Context::softirq && event.task != 0) args.push_back(Arg::count("task", event.task));
  args.push_back(Arg::text("context", word(text(whole ? event.context : Context::syscall))));
  args.push_back(Arg::text("evidence", word(text(copies_evidence(doc_.run, event.side)))));
}

void TraceEvents::args(const Event& event, int folded, std::vector<Arg>& args) {
  if (folded != kWhole || event.kind == EventKind::copy) return copy_args(event, folded, args);
  args.push_back(Arg::text("side", word(text(event.side))));
  args.push_back(Arg::count("cpu", event.cpu));
  switch (event.kind) {
    case EventKind::syscall:
      args.push_back(Arg::number("result", event.result));
      args.push_back(Arg::count("faults", event.count));
      return;
    case EventKind::disk:
      args.push_back(Arg::count("bytes", event.bytes));
      args.push_back(Arg::count("payload", event.bytes2));
      if (event.result >= 0) args.push_back(Arg::number("offset", event.result));
      break;
    case EventKind::transmit:
      args.push_back(Arg::count("segments", event.count));
      args.push_back(Arg::count("linear", event.bytes));
      args.push_back(Arg::count("paged", event.bytes2));
      args.push_back(Arg::number("headers", event.result));
      break;
    default:
      break;
  }
  if (event.task != 0) args.push_back(Arg::count("task", event.task));
}

}  // namespace zctrace::exports
