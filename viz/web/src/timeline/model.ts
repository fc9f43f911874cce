// One run's timeline: its events, what is shown of them, what is looked for. Knows nothing of the screen.
import { breathe } from "../dom";
import { say, sayCount } from "../texts";
import { unpack } from "../unpack";
import { formatBytes, formatCount } from "../units";
import { edgeWords } from "./details";
import { Events, Kind } from "./events";
import { lanesOf, type Group } from "./lanes";
import type { View } from "./paint";
import { EventParser } from "./parse";
import { compile, edgeTest, type Test } from "./query";
import type { Track } from "./track";

/** Opens the events of document `run`; `told` hears what part is done. */
export async function openEvents(run: number, count: number, told: (part: number) => void): Promise<Events> {
  const parser = new EventParser(count);
  const reader = unpack(`document-${run}`, told).getReader();
  let rested = performance.now();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parser.push(value);
    if (performance.now() - rested > 60) {
      await breathe();
      rested = performance.now();
    }
  }
  return parser.events;
}

/** What is looked for, and found. */
export interface Found {
  items: Uint32Array; // in order of time
  hit: Uint8Array; // by item
  tracks: Map<string, Track>; // by row id
  current: number; // index into items, -1: none chosen yet
  says: string;
}

export class TimelineModel {
  readonly groups: Group[];
  readonly begin: number;
  readonly end: number;
  view: View;
  query = "";
  edge = "";
  found: Found | null = null;
  wrong = ""; // the word of the query that is not understood
  chosen = -1; // an item
  row: number; // of the keyboard

  /** `whole`: no event is missing from the run. */
  constructor(
    readonly events: Events,
    whole: boolean,
  ) {
    this.groups = lanesOf(events, whole);
    this.row = Math.max(0, this.groups.flatMap((group) => group.rows).findIndex((row) => row.style !== "band"));
    let begin = Infinity;
    let end = -Infinity;
    for (let i = 0; i < events.count; ++i) {
      begin = Math.min(begin, events.t[i]!);
      end = Math.max(end, events.t[i]! + events.dur[i]!);
    }
    this.begin = events.count > 0 ? Math.min(begin, 0) : 0;
    this.end = events.count > 0 ? Math.max(end, this.begin + 1) : 1;
    this.view = this.whole();
  }

  whole(): View {
    const room = (this.end - this.begin) * 0.01;
    return { from: this.begin - room, to: this.end + room };
  }

  /** Shows that time, kept within the run and above what a double can tell apart. */
  show(from: number, to: number): void {
    const whole = this.whole();
    const least = Math.max(20, Math.abs(this.end) * 1e-13);
    const length = Math.min(Math.max(to - from, least), whole.to - whole.from);
    const middle = (from + to) / 2;
    const start = Math.min(Math.max(middle - length / 2, whole.from), whole.to - length);
    this.view = { from: start, to: start + length };
  }

  pan(part: number): void {
    const by = (this.view.to - this.view.from) * part;
    this.show(this.view.from + by, this.view.to + by);
  }

  /** `at` stays where it is. */
  zoom(times: number, at = (this.view.from + this.view.to) / 2): void {
    const { from, to } = this.view;
    this.show(at - (at - from) / times, at + (to - at) / times);
  }

  /** Brings an item into view, as near as it takes to see it. */
  reveal(item: number, close = false): void {
    const event = this.events.eventOf(item); // a folded copy is seen in its call
    const start = this.events.startOf(event);
    const end = this.events.endOf(event);
    const { from, to } = this.view;
    const length = Math.max(end - start, 500);
    const around = length * (close ? 0.3 : 20);
    if (close || to - from > length * 2000) return this.show(start - around, end + around);
    if (start < from || end > to) this.show((start + end) / 2 - (to - from) / 2, (start + end) / 2 + (to - from) / 2);
  }

  search(query: string): void {
    this.query = query;
    this.edge = "";
    this.wrong = "";
    this.found = null;
    try {
      const test = compile(this.events, query.trim());
      if (test) this.found = this.collect(test);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      this.wrong = error.message;
    }
    this.tell();
  }

  /** Shows what an arrow of the flow stands for. */
  filter(edge: string): void {
    this.query = "";
    this.wrong = "";
    this.edge = edge;
    this.found = this.collect(edgeTest(this.events, edge));
    this.tell();
    const { items } = this.found;
    if (items.length === 0) return;
    const first = this.events.startOf(items[0]!);
    const last = this.events.endOf(items[items.length - 1]!);
    const room = (last - first) * 0.03 + 1000;
    this.show(first - room, last + room);
  }

  clear(): void {
    this.query = this.edge = this.wrong = "";
    this.found = null;
    this.chosen = -1;
  }

  /** Goes to the next match (-1: to the previous one), from the view's middle where none is chosen. */
  step(by: 1 | -1): void {
    const found = this.found;
    if (!found || found.items.length === 0) return;
    const n = found.items.length;
    if (found.current < 0) found.current = by > 0 ? 0 : n - 1;
    else found.current = (found.current + by + n) % n;
    this.chosen = found.items[found.current]!;
    this.reveal(this.chosen);
    this.tell();
  }

  /** In the language of now. */
  tell(): void {
    const found = this.found;
    if (!found) return;
    const n = found.items.length;
    if (this.edge) {
      found.says = this.edgeSays(found);
    } else if (n === 0) {
      found.says = say("page_no_match");
    } else if (found.current >= 0) {
      found.says = say("page_match_of", formatCount(found.current + 1), formatCount(n));
    } else {
      found.says = sayCount(n, formatCount(n), "page_one_match", "page_many_matches");
    }
  }

  private edgeSays(found: Found): string {
    const { events } = this;
    let calls = 0;
    let bytes = 0;
    for (const item of found.items) {
      calls += events.callsOf(item);
      bytes += events.movedBy(item);
    }
    const n = found.items.length;
    const inEvents = sayCount(n, formatCount(n), "one_event", "many_events");
    const [side, from, , by] = this.edge.split("/") as [string, string, string, string];
    if (from === "mode switches") {
      const switches = sayCount(n * 2, formatCount(n * 2), "page_one_switch", "page_many_switches");
      return say("page_filter_says_switches", say(side), switches, inEvents);
    }
    const [one, many] =
      by === "cpu"
        ? ["page_one_copy", "page_many_copies"]
        : by === "dma"
          ? ["page_one_transfer", "page_many_transfers"]
          : ["page_one_handover", "page_many_handovers"];
    return say("page_filter_says", edgeWords(this.edge), sayCount(calls, formatCount(calls), one!, many!), formatBytes(bytes), inEvents);
  }

  private collect(test: Test): Found {
    const { events } = this;
    const hit = new Uint8Array(events.items);
    let n = 0;
    for (let item = 0; item < events.items; ++item) if (test(item)) n += hit[item] = 1;
    const items = new Uint32Array(n);
    let at = 0;
    // Events are in order, and a copy comes within its call: nearly sorted.
    for (let event = 0, folded = 0; event < events.count; ++event) {
      if (hit[event]) items[at++] = event;
      if (events.kind[event] !== Kind.syscall) continue;
      for (; folded < events.foldedCount && events.owner[folded]! <= event; ++folded)
        if (hit[events.count + folded]) items[at++] = events.count + folded;
    }
    const tracks = new Map<string, Track>();
    if (n > 0)
      for (const group of this.groups)
        for (const row of group.rows) if (row.style !== "band") tracks.set(row.id, row.track.filtered(hit));
    return { items, hit, tracks, current: -1, says: "" };
  }
}
