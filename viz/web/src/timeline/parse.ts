// Reads a document's events from its bytes, without a JSON value in between: our writer puts each on a line of its own,
// its members in a fixed spelling, after a line that says `  "events": [`.
import { plain } from "../texts";
import { CONTEXTS, ENDS, Events, KINDS, Kind, MOVERS, SIDES } from "./events";

const KEYS = [
  "t", "kind", "side", "task", "cpu", "dur", "name", "ret", "faults", "copies", "function", "via", "from", "to", "by",
  "calls", "bytes", "at", "context", "mode", "reason", "vector", "payload", "op", "device", "segments", "linear", "paged",
  "headers",
] as const;
const KEY_BITS = 12;

const hashOf = (text: string): number => {
  let hash = 0;
  for (const byte of new TextEncoder().encode(text)) hash = (Math.imul(hash, 31) + byte) | 0;
  return hash;
};
const slotOf = (hash: number): number => (hash ^ (hash >>> KEY_BITS)) & ((1 << KEY_BITS) - 1);

/** Key number by hash. Two keys in one place would be a mistake of this file. */
const KEY_TABLE = (() => {
  const table = new Int8Array(1 << KEY_BITS).fill(-1);
  KEYS.forEach((key, i) => {
    if (table[slotOf(hashOf(key))] !== -1) throw new Error(`key ${key}: hash taken`);
    table[slotOf(hashOf(key))] = i;
  });
  return table;
})();
const K = Object.fromEntries(KEYS.map((key, i) => [key, i])) as Record<(typeof KEYS)[number], number>;

const QUOTE = 0x22;
const NEWLINE = 0x0a;

/** Strings met so far, each once. */
class Names {
  readonly texts: string[] = [""];
  private readonly bytes: Uint8Array[] = [new Uint8Array(0)];
  private readonly byHash = new Map<number, number[]>();
  private readonly decoder = new TextDecoder();

  of(buffer: Uint8Array, from: number, to: number, hash: number): number {
    const known = this.byHash.get(hash);
    if (known) for (const index of known) if (this.same(this.bytes[index]!, buffer, from, to)) return index;
    if (from === to) return 0;
    const raw = buffer.slice(from, to);
    const index = this.texts.length;
    this.texts.push(plain(JSON.parse(`"${this.decoder.decode(raw)}"`) as string));
    this.bytes.push(raw);
    if (known) known.push(index);
    else this.byHash.set(hash, [index]);
    return index;
  }

  private same(name: Uint8Array, buffer: Uint8Array, from: number, to: number): boolean {
    if (name.length !== to - from) return false;
    for (let i = 0; i < name.length; ++i) if (name[i] !== buffer[from + i]) return false;
    return true;
  }
}

/** A document's word -> its number, by name index. */
class Words {
  private readonly numbers: number[] = [];
  constructor(private readonly words: readonly string[]) {}
  of(name: number, names: Names): number {
    return (this.numbers[name] ??= Math.max(0, this.words.indexOf(names.texts[name]!)));
  }
}

export class EventParser {
  readonly events: Events;
  private readonly names = new Names();
  private readonly kinds = new Words(KINDS);
  private readonly sides = new Words(SIDES);
  private readonly ends = new Words(ENDS);
  private readonly movers = new Words(MOVERS);
  private readonly contexts = new Words(CONTEXTS);
  private readonly values = new Float64Array(KEYS.length);
  private readonly folded = new Float64Array(KEYS.length);
  private rest = new Uint8Array(0);
  private inEvents = false;
  private at = 0;

  /** `capacity` is the number of events; what exceeds it is not read. */
  constructor(capacity: number) {
    this.events = new Events(capacity);
    this.events.names = this.names.texts;
  }

  push(piece: Uint8Array): void {
    let buffer = piece;
    if (this.rest.length > 0) {
      buffer = new Uint8Array(this.rest.length + piece.length);
      buffer.set(this.rest);
      buffer.set(piece, this.rest.length);
    }
    const last = buffer.lastIndexOf(NEWLINE); // what follows it comes with the next piece
    let start = 0;
    while (start <= last) {
      if (this.inEvents) {
        this.at = start;
        this.line(buffer, start, last);
        start = this.at;
        while (start < last && buffer[start] !== NEWLINE) ++start;
      } else {
        const end = buffer.indexOf(NEWLINE, start);
        this.inEvents = this.isHead(buffer, start, end);
        start = end;
      }
      ++start;
    }
    this.rest = buffer.slice(start);
  }

  /** `  "events": [`: no other line of the head begins so, for its depth. */
  private isHead(buffer: Uint8Array, start: number, end: number): boolean {
    const head = '  "events": [';
    if (end - start !== head.length) return false;
    for (let i = 0; i < head.length; ++i) if (buffer[start + i] !== head.charCodeAt(i)) return false;
    return true;
  }

  private line(buffer: Uint8Array, start: number, end: number): void {
    const events = this.events;
    if (buffer[start + 4] !== 0x7b || events.count >= events.t.length) return;
    const v = this.values;
    v.fill(0);
    const event = events.count++;
    this.at = start + 5;
    this.members(buffer, end, v, event);
    const kind = this.kinds.of(v[K.kind]!, this.names) as Kind;
    events.t[event] = v[K.t]!;
    events.dur[event] = v[K.dur]!;
    events.kind[event] = kind;
    events.side[event] = this.sides.of(v[K.side]!, this.names);
    events.task[event] = v[K.task]!;
    events.cpu[event] = v[K.cpu]!;
    switch (kind) {
      case Kind.syscall:
        events.name[event] = v[K.name]!;
        events.result[event] = v[K.ret]!;
        events.calls[event] = v[K.faults]!;
        break;
      case Kind.copy:
        events.name[event] = v[K.function]!;
        events.via[event] = v[K.via]!;
        events.calls[event] = v[K.calls]!;
        events.bytes[event] = v[K.bytes]!;
        events.way[event] = this.ends.of(v[K.from]!, this.names) | (this.ends.of(v[K.to]!, this.names) << 3);
        events.how[event] = this.movers.of(v[K.by]!, this.names) | (this.contexts.of(v[K.context]!, this.names) << 2);
        break;
      case Kind.fault:
        events.result[event] = this.names.texts[v[K.mode]!] === "user" ? 1 : 0;
        break;
      case Kind.offCpu:
        events.name[event] = v[K.reason]!;
        break;
      case Kind.softirq:
        events.name[event] = v[K.vector]!;
        break;
      case Kind.disk:
        events.name[event] = v[K.op]!;
        events.bytes[event] = v[K.bytes]!;
        events.bytes2[event] = v[K.payload]!;
        break;
      case Kind.transmit:
        events.name[event] = v[K.device]!;
        events.calls[event] = v[K.segments]!;
        events.bytes[event] = v[K.linear]!;
        events.bytes2[event] = v[K.paged]!;
        events.result[event] = v[K.headers]!;
        break;
      case Kind.mark:
        events.name[event] = v[K.name]!;
    }
  }

  /** `"key":value,...}` from this.at on into `v`; strings as name indexes. */
  private members(buffer: Uint8Array, end: number, v: Float64Array, event: number): void {
    let at = this.at;
    while (at < end && buffer[at] === QUOTE) {
      let hash = 0;
      let byte = buffer[++at]!;
      while (byte !== QUOTE) {
        hash = (Math.imul(hash, 31) + byte) | 0;
        byte = buffer[++at]!;
      }
      const key = KEY_TABLE[slotOf(hash)]!;
      at += 2; // the quote and the colon
      byte = buffer[at]!;
      let value = 0;
      if (byte === QUOTE) {
        const from = ++at;
        hash = 0;
        for (byte = buffer[at]!; byte !== QUOTE; byte = buffer[++at]!) {
          hash = (Math.imul(hash, 31) + byte) | 0;
          if (byte === 0x5c) hash = (Math.imul(hash, 31) + buffer[++at]!) | 0; // an escaped one ends nothing
        }
        value = this.names.of(buffer, from, at, hash);
        ++at;
      } else if (byte === 0x5b) {
        this.at = at + 1;
        this.copies(buffer, end, event);
        at = this.at;
      } else {
        const negative = byte === 0x2d;
        if (negative) byte = buffer[++at]!;
        while (byte >= 0x30 && byte <= 0x39) {
          value = value * 10 + (byte - 0x30);
          byte = buffer[++at]!;
        }
        if (negative) value = -value;
      }
      if (key >= 0) v[key] = value;
      ++at; // the comma or the closing bracket
      if (buffer[at - 1] === 0x7d) break;
    }
    this.at = at;
  }

  /** `{...},{...}]` */
  private copies(buffer: Uint8Array, end: number, event: number): void {
    const events = this.events;
    const v = this.folded;
    while (this.at < end && buffer[this.at] === 0x7b) {
      v.fill(0);
      ++this.at;
      this.members(buffer, end, v, event);
      const index = events.fold();
      events.owner[index] = event;
      events.function[index] = v[K.function]!;
      events.foldedWay[index] = this.ends.of(v[K.from]!, this.names) | (this.ends.of(v[K.to]!, this.names) << 3);
      events.foldedHow[index] = this.movers.of(v[K.by]!, this.names);
      events.foldedCalls[index] = v[K.calls]!;
      events.foldedBytes[index] = v[K.bytes]!;
      events.foldedAt[index] = v[K.at]!;
      if (buffer[this.at] === 0x2c) ++this.at;
    }
    ++this.at; // the closing bracket
  }
}
