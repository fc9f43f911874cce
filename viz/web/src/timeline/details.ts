// All that is known of an item, in words.
import { say } from "../texts";
import { formatBytes, formatCount, formatExact, formatNs } from "../units";
import { CONTEXTS, ENDS, Events, KINDS, Kind, MOVERS, SIDES, byOf, contextOf, fromOf, toOf } from "./events";

const END_TEXTS: Record<string, string> = {
  "page cache": "page_cache",
  "user buffer": "user_buffer",
  "socket buffer": "socket_buffer",
};
const MOVER_TEXTS = { cpu: "cpu_copy", dma: "dma", reference: "reference", transform: "transform" } as const;
const CONTEXT_TEXTS = { syscall: "in_syscall", softirq: "in_softirq", worker: "in_worker" } as const;

export const endWord = (end: string): string => say(END_TEXTS[end] ?? end);
export const moverWord = (by: string): string => say(MOVER_TEXTS[by as keyof typeof MOVER_TEXTS] ?? by);

/** "CPU copy page cache → socket buffer", "mode switches": what a flow diagram's arrow stands for. */
export function edgeWords(edge: string): string {
  const [, from, to, by] = edge.split("/") as [string, string, string | undefined, string | undefined];
  if (to === undefined || by === undefined) return from === "mode switches" ? say("mode_switches") : from;
  return `${moverWord(by)} ${say("page_from_to", endWord(from), endWord(to))}`;
}

const amount = (bytes: number): string =>
  bytes < 1024 ? formatExact(bytes) : `${formatBytes(bytes)} (${formatExact(bytes)})`;
const time = (ns: number): string => (ns < 1000 ? formatNs(ns) : `${formatNs(ns)} (${formatCount(ns)} ns)`);

function way(events: Events, item: number): string {
  const ends = events.wayOf(item);
  return say("page_from_to", endWord(ENDS[fromOf(ends)]!), endWord(ENDS[toOf(ends)]!));
}

/** "splice", "CPU copy: page cache → user buffer", "transmit" */
export function headline(events: Events, item: number): string {
  const name = events.names[events.nameOf(item)]!;
  switch (events.kindOf(item)) {
    case Kind.syscall:
      return name;
    case Kind.copy:
      return `${moverWord(MOVERS[byOf(events.howOf(item))]!)} ${formatBytes(events.movedBy(item))}`;
    case Kind.disk:
    case Kind.transmit:
      return `${say(`page_kind_${KINDS[events.kindOf(item)]}`)} ${formatBytes(events.movedBy(item))}`;
    case Kind.mark:
      return name;
    case Kind.softirq:
      return `${say("page_kind_softirq")} ${name}`;
  }
  return say(`page_kind_${KINDS[events.kindOf(item)]}`);
}

/** What is written beside a tick where there is room. */
export function tickName(events: Events, item: number): string {
  const kind = events.kindOf(item);
  if (kind === Kind.copy || kind === Kind.transmit) return formatBytes(events.movedBy(item));
  return kind === Kind.mark ? events.names[events.nameOf(item)]! : "";
}

/** Every member, named; those that the kind does not have are left out. `origin` is what times count from. */
export function details(events: Events, item: number, origin: number): [string, string][] {
  const rows: [string, string][] = [];
  const put = (text: string, value: string): void => void rows.push([say(text), value]);
  const event = events.eventOf(item);
  const kind = events.kindOf(item);
  const name = events.names[events.nameOf(item)]!;
  put("page_event", say(`page_kind_${KINDS[kind]}`));
  put("page_at", time(events.startOf(item) - origin));
  if (events.endOf(item) > events.startOf(item)) put("page_lasts", time(events.endOf(item) - events.startOf(item)));
  switch (kind) {
    case Kind.syscall:
      put("page_function", name);
      put("page_result", result(events.result[item]!));
      if (events.calls[item]! > 0) put("page_faults_inside", formatCount(events.calls[item]!));
      for (let f = events.firstFolded(item); f >= 0 && f < events.foldedCount && events.owner[f] === item; ++f) {
        const copy = events.count + f;
        rows.push([
          moverWord(MOVERS[byOf(events.howOf(copy))]!),
          `${way(events, copy)}, ${amount(events.movedBy(copy))}, ${events.names[events.nameOf(copy)]!} ×${formatCount(events.callsOf(copy))}`,
        ]);
      }
      break;
    case Kind.copy:
      put("page_by", moverWord(MOVERS[byOf(events.howOf(item))]!));
      put("page_way", way(events, item));
      put("page_bytes", amount(events.movedBy(item)));
      put("page_function", name);
      if (item < events.count && events.via[item] !== 0) put("page_via", events.names[events.via[item]!]!);
      put("page_calls", formatCount(events.callsOf(item)));
      if (item >= events.count) {
        put("in_syscall", events.names[events.name[event]!]!);
        put("page_first_after", time(events.foldedAt[item - events.count]!));
      } else {
        put("page_context", say(CONTEXT_TEXTS[CONTEXTS[contextOf(events.how[item]!)]!]));
      }
      break;
    case Kind.fault:
      put("page_mode", say(events.result[item] === 1 ? "page_user_mode" : "page_kernel_mode"));
      break;
    case Kind.offCpu:
      put("page_reason", name === "voluntary" || name === "involuntary" ? say(`page_${name}`) : name);
      break;
    case Kind.softirq:
      put("page_function", name);
      break;
    case Kind.disk:
      put("page_op", name);
      put("page_bytes", amount(events.bytes[item]!));
      put("page_of_them_payload", amount(events.bytes2[item]!));
      break;
    case Kind.transmit:
      put("page_device", name);
      put("page_segments", formatCount(events.calls[item]!));
      put("page_linear", amount(events.bytes[item]!));
      put("page_paged", amount(events.bytes2[item]!));
      put("page_headers", amount(events.result[item]!));
      break;
    case Kind.mark:
      put("page_kind_mark", name);
  }
  put("page_side", say(SIDES[events.side[event]!]!));
  if (events.task[event] !== 0) put("page_task", String(events.task[event]));
  put("page_cpu", String(events.cpu[event]));
  return rows;
}

/** A return value: an address in hexadecimal, else the number. */
function result(value: number): string {
  if (value < 0) return `−${formatCount(-value)}`;
  return value >= 2 ** 40 ? `0x${BigInt(value).toString(16)}` : formatCount(value);
}
