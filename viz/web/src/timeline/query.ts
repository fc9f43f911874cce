// The search's language: words that must all fit. "splice", "kind:copy", "bytes>=64KiB", from:"page cache".
import { parseAmount } from "../units";
import { CONTEXTS, ENDS, Events, KINDS, Kind, MOVERS, SIDES, byOf, contextOf, fromOf, toOf } from "./events";

export type Test = (item: number) => boolean;

const NUMBERS: Record<string, (events: Events, item: number) => number> = {
  t: (events, item) => events.startOf(item),
  dur: (events, item) => (item < events.count ? events.dur[item]! : NaN),
  bytes: (events, item) => {
    const kind = events.kindOf(item);
    if (kind === Kind.disk) return events.bytes[item]!;
    return kind === Kind.copy || kind === Kind.transmit ? events.movedBy(item) : NaN;
  },
  calls: (events, item) => (events.kindOf(item) === Kind.copy ? events.callsOf(item) : NaN),
  ret: (events, item) => (events.kindOf(item) === Kind.syscall ? events.result[item]! : NaN),
  faults: (events, item) => (events.kindOf(item) === Kind.syscall ? events.calls[item]! : NaN),
  segments: (events, item) => (events.kindOf(item) === Kind.transmit ? events.calls[item]! : NaN),
  task: (events, item) => events.task[events.eventOf(item)]!,
  cpu: (events, item) => events.cpu[events.eventOf(item)]!,
};

const WORDS: Record<string, (events: Events, item: number) => string> = {
  kind: (events, item) => KINDS[events.kindOf(item)],
  side: (events, item) => SIDES[events.side[events.eventOf(item)]!]!,
  by: (events, item) => (events.kindOf(item) === Kind.copy ? MOVERS[byOf(events.howOf(item))]! : ""),
  from: (events, item) => (events.kindOf(item) === Kind.copy ? ENDS[fromOf(events.wayOf(item))]! : ""),
  to: (events, item) => (events.kindOf(item) === Kind.copy ? ENDS[toOf(events.wayOf(item))]! : ""),
  context: (events, item) => (events.kindOf(item) === Kind.copy ? CONTEXTS[contextOf(events.howOf(item))]! : ""),
  via: (events, item) => (item < events.count ? events.names[events.via[item]!]! : ""),
  name: (events, item) => events.names[events.nameOf(item)]!,
};

const COMPARE: Record<string, (a: number, b: number) => boolean> = {
  ">=": (a, b) => a >= b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  "<": (a, b) => a < b,
  "=": (a, b) => a === b,
  ":": (a, b) => a === b,
};

/** Is `wanted` in the name, by name index? Asked once per name, not once per event. */
function inNames(events: Events, wanted: string): (name: number) => boolean {
  const known = events.names.map((name) => name.toLowerCase().includes(wanted));
  return (name) => known[name] ?? false;
}

function term(events: Events, text: string): Test {
  const parts = /^([a-z]+)(>=|<=|>|<|=|:)(.*)$/i.exec(text);
  if (parts) {
    const [, key, sign, rest] = parts as unknown as [string, string, string, string];
    const value = rest.replaceAll('"', "").toLowerCase();
    const lower = key.toLowerCase();
    const number = NUMBERS[lower];
    const amount = parseAmount(value);
    if (number && amount !== undefined) return (item) => COMPARE[sign]!(number(events, item), amount);
    const word = WORDS[lower === "function" ? "name" : lower];
    if (word && value !== "" && (sign === ":" || sign === "=")) {
      if (lower === "kind") return (item) => word(events, item) === value;
      return (item) => word(events, item).toLowerCase().includes(value);
    }
    throw new SyntaxError(text);
  }
  const wanted = text.replaceAll('"', "").toLowerCase();
  const named = inNames(events, wanted);
  const kinds = KINDS.map((kind) => kind.includes(wanted));
  const ends = ENDS.map((end) => end.includes(wanted));
  return (item) => {
    if (named(events.nameOf(item)) || (item < events.count && named(events.via[item]!))) return true;
    const kind = events.kindOf(item);
    if (kinds[kind]) return true;
    if (kind !== Kind.copy) return false;
    const way = events.wayOf(item);
    return ends[fromOf(way)]! || ends[toOf(way)]!;
  };
}

/** The test that a query means; null for an empty one. Throws SyntaxError with the word that is not understood. */
export function compile(events: Events, query: string): Test | null {
  const words = query.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? [];
  if (words.length === 0) return null;
  const tests = words.map((word) => term(events, word));
  return (item) => tests.every((test) => test(item));
}

/** The items behind an arrow of the flow: "SIDE/FROM/TO/BY" or "SIDE/mode switches". */
export function edgeTest(events: Events, edge: string): Test {
  const [sideWord, from, to, by] = edge.split("/") as [string, string, string | undefined, string | undefined];
  const side = SIDES.indexOf(sideWord as (typeof SIDES)[number]);
  const ofSide = (item: number): boolean => events.side[events.eventOf(item)] === side;
  if (from === "mode switches") {
    return (item) => {
      const kind = events.kindOf(item);
      return (kind === Kind.syscall || (kind === Kind.fault && events.result[item] === 1)) && ofSide(item);
    };
  }
  const way = ENDS.indexOf(from as (typeof ENDS)[number]) | (ENDS.indexOf(to as (typeof ENDS)[number]) << 3);
  const mover = MOVERS.indexOf(by as (typeof MOVERS)[number]);
  // What a device moves is seen as its requests and its packets.
  const device = from === "disk" ? Kind.disk : to === "nic" ? Kind.transmit : -1;
  return (item) => {
    const kind = events.kindOf(item);
    if (kind === Kind.copy) return events.wayOf(item) === way && byOf(events.howOf(item)) === mover && ofSide(item);
    return kind === device && events.movedBy(item) > 0 && ofSide(item);
  };
}
