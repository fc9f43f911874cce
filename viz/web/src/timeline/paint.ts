// Draws the lanes of a view on a canvas.
import { formatNs } from "../units";
import { tickName } from "./details";
import type { Events } from "./events";
import type { Group, Ink, Row } from "./lanes";
import { CLASSES, type Track } from "./track";
import { walk } from "./walk";

export interface View {
  from: number;
  to: number;
}

export interface Placed {
  row: Row;
  group: Group;
  top: number;
}

/** Where all rows stand, for a gutter of that width. */
export interface Layout {
  gutter: number;
  height: number;
  heads: { group: Group; top: number }[];
  rows: Placed[];
}

export const AXIS = 26;
const HEAD = 20;
const GAP = 4;
const BETWEEN = 10;

export function layOut(groups: Group[], gutter: number): Layout {
  const layout: Layout = { gutter, height: 0, heads: [], rows: [] };
  let top = AXIS + 2;
  for (const group of groups) {
    const alone = gutter > 0 && group.rows.length === 1;
    layout.heads.push({ group, top });
    if (!alone) top += HEAD;
    for (const row of group.rows) {
      layout.rows.push({ row, group, top });
      top += row.height + GAP;
    }
    top += BETWEEN;
  }
  layout.height = top;
  return layout;
}

/** Colours of the page's theme, read from its style sheet once per theme. */
export type Palette = Record<Ink | "paper" | "dim" | "faint" | "user" | "band" | "focus" | "oncall", string>;

export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    kernel: colour("mode-kernel"),
    user: colour("mode-user"),
    call: colour("call"),
    oncall: colour("oncall"),
    cpu: colour("cpu"),
    dma: colour("dma"),
    ref: colour("ref"),
    transform: colour("transform"),
    warn: colour("fault"),
    soft: colour("soft"),
    softer: colour("softer"),
    idle: colour("idle"),
    forced: colour("forced"),
    ink: colour("ink"),
    other: colour("dim"),
    paper: colour("paper"),
    dim: colour("dim"),
    faint: colour("faint"),
    band: colour("band"),
    focus: colour("focus"),
  };
}

const FONT = '12px system-ui, "Segoe UI", Helvetica, Arial, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif';
const LEAST = 2; // px of an item that is drawn on its own

/** Steps of 1, 2, 5 that leave `room` px between them. */
function step(view: View, width: number, room: number): number {
  const rough = ((view.to - view.from) * room) / width;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5, 10].find((times) => times * power >= rough) ?? 10);
}

export class Painter {
  palette: Palette = readPalette();

  constructor(
    private readonly g: CanvasRenderingContext2D,
    private readonly events: Events,
  ) {}

  /** A line over all rows, at that time. */
  now(view: View, layout: Layout, width: number, time: number): void {
    if (time < view.from || time > view.to) return;
    const { g, palette } = this;
    const x = layout.gutter + ((time - view.from) / (view.to - view.from)) * (width - layout.gutter);
    g.fillStyle = palette.ink;
    g.fillRect(Math.round(x) - 1, 0, 2, layout.height);
  }

  /** `matches` by row id, where there is a search: the rest stands back. */
  paint(view: View, layout: Layout, width: number, origin: number, matches: Map<string, Track> | null): void {
    const { g, palette } = this;
    g.fillStyle = palette.paper;
    g.fillRect(0, 0, width, layout.height);
    g.font = FONT;
    g.textBaseline = "middle";
    const plot = width - layout.gutter;
    this.axis(view, layout, plot, origin);
    for (const { row, top } of layout.rows) {
      g.save();
      g.beginPath();
      g.rect(layout.gutter, top, plot, row.height);
      g.clip();
      g.translate(layout.gutter, top);
      if (row.style === "band") {
        this.band(row, view, plot);
      } else {
        g.fillStyle = palette.band;
        g.fillRect(0, 0, plot, row.height);
        g.globalAlpha = matches ? 0.22 : 1;
        this.row(row, row.track, view, plot, !matches);
        g.globalAlpha = 1;
        const found = matches?.get(row.id);
        if (found) this.row(row, found, view, plot, true);
      }
      g.restore();
    }
    this.names(layout, width);
  }

  private axis(view: View, layout: Layout, plot: number, origin: number): void {
    const { g, palette } = this;
    let every = step(view, plot, 96);
    const longest = g.measureText(axisTime(Math.ceil((view.to - origin) / every) * every, every)).width + 20;
    if (longest > 96) every = step(view, plot, longest);
    g.textAlign = "left";
    for (let k = Math.ceil((view.from - origin) / every); ; ++k) {
      const time = origin + k * every;
      if (!(time <= view.to)) break;
      const x = Math.round(layout.gutter + ((time - view.from) / (view.to - view.from)) * plot);
      g.fillStyle = palette.faint;
      g.fillRect(x, AXIS - 6, 1, layout.height - AXIS + 6);
      g.fillStyle = palette.dim;
      const label = axisTime(k * every, every);
      if (x + 4 + g.measureText(label).width <= layout.gutter + plot) g.fillText(label, x + 4, AXIS / 2);
      if (every <= 0) break;
    }
  }

  private names(layout: Layout, width: number): void {
    const { g, palette } = this;
    for (const { group, top } of layout.heads) {
      if (layout.gutter > 0 && group.rows.length === 1) continue;
      g.textAlign = "left";
      g.font = `600 ${FONT}`;
      this.haloed(group.label(), 4, top + HEAD / 2, palette.ink, width - 8);
      g.font = FONT;
    }
    if (layout.gutter === 0) return;
    g.fillStyle = palette.dim;
    g.textAlign = "right";
    for (const { row, top } of layout.rows) g.fillText(row.label(), layout.gutter - 8, top + row.height / 2, layout.gutter - 12);
  }

  private haloed(text: string, x: number, y: number, colour: string, most: number): void {
    const { g } = this;
    g.lineWidth = 4;
    g.lineJoin = "round";
    g.strokeStyle = this.palette.paper;
    g.strokeText(text, x, y, most);
    g.fillStyle = colour;
    g.fillText(text, x, y, most);
  }

  /** User mode where the task runs outside of calls; nothing where it has no CPU. */
  private band(row: Row, view: View, plot: number): void {
    const { g, palette } = this;
    const scale = plot / (view.to - view.from);
    const left = Math.max(0, (row.span![0] - view.from) * scale);
    const right = Math.min(plot, (row.span![1] - view.from) * scale);
    g.fillStyle = palette.user;
    if (right > left) g.fillRect(left, 0, right - left, row.height);
    this.items(row.track, view, plot, row.height, [palette.kernel], false);
    this.items(row.away!, view, plot, row.height - 3, [palette.paper, palette.paper], false);
  }

  private row(row: Row, track: Track, view: View, plot: number, named: boolean): void {
    const colours = row.inks.map((ink) => this.palette[ink]);
    if (row.style === "tick") this.ticks(row, track, view, plot, colours, named);
    else this.items(track, view, plot, row.height, colours, named && row.height >= 16);
  }

  private items(track: Track, view: View, plot: number, height: number, colours: string[], named: boolean): void {
    const { g, events } = this;
    const labels: [string, number, number][] = [];
    let colour = -1;
    const columns = walk(track, view.from, view.to, plot, LEAST, (i, left, right) => {
      if (track.colour[i] !== colour) g.fillStyle = colours[(colour = track.colour[i]!)]!;
      const x = Math.max(left, -1);
      const wide = Math.min(right, plot + 1) - x;
      g.fillRect(x, 0, wide > 4 ? wide - 1 : wide, height); // a hair between neighbours
      if (named && wide > 28) labels.push([events.names[events.nameOf(track.item[i]!)]!, x, wide]);
    });
    const alpha = g.globalAlpha;
    // Neighbouring columns of one shade are one rectangle.
    for (let c = 0; c < colours.length; ++c) {
      g.fillStyle = colours[c]!;
      let begin = 0;
      let shade = 0;
      for (let x = 0; x <= plot; ++x) {
        const here = x < plot && columns.seen[x]! & (1 << c) ? Math.min(4, 1 + Math.floor(columns.busy[x * CLASSES + c]! * 3.999)) : 0;
        if (here === shade) continue;
        if (shade > 0) {
          g.globalAlpha = alpha * (0.28 + 0.18 * shade);
          g.fillRect(begin, 0, x - begin, height);
        }
        begin = x;
        shade = here;
      }
    }
    g.globalAlpha = alpha;
    g.textAlign = "left";
    g.fillStyle = this.palette.oncall;
    for (const [text, x, wide] of labels) {
      const at = Math.max(x, 0) + 5;
      if (g.measureText(text).width < x + wide - at - 4) g.fillText(text, at, height / 2 + 0.5);
    }
  }

  /** Things without length. Where several colours meet in a column they share its height. */
  private ticks(row: Row, track: Track, view: View, plot: number, colours: string[], named: boolean): void {
    const { g, events } = this;
    const { seen } = walk(track, view.from, view.to, plot, Infinity, () => {});
    const alpha = g.globalAlpha;
    let shown = 0;
    for (let x = 0; x < plot; ) {
      const bits = seen[x]!;
      let past = x + 1;
      while (past < plot && seen[past] === bits) ++past;
      if (bits !== 0) {
        shown += past - x;
        const kinds = colours.map((_, c) => c).filter((c) => bits & (1 << c));
        const part = row.height / kinds.length;
        kinds.forEach((c, n) => {
          g.fillStyle = colours[c]!;
          // A lone tick is wide enough to be seen and hit.
          g.fillRect(x - (past - x === 1 ? 1 : 0), n * part, past - x === 1 ? 3 : past - x, part);
        });
      }
      x = past;
    }
    g.globalAlpha = alpha;
    if (!named || row.height < 14 || shown > plot / 12) return;
    g.textAlign = "left";
    let free = -Infinity;
    const first = track.startedBefore(view.from);
    const last = track.startedBefore(view.to, true);
    if (last - first > 200) return;
    for (let i = first; i < last; ++i) {
      const x = ((track.start[i]! - view.from) / (view.to - view.from)) * plot + 5;
      const next = i + 1 < last ? ((track.start[i + 1]! - view.from) / (view.to - view.from)) * plot : plot;
      const text = tickName(events, track.item[i]!);
      const wide = g.measureText(text).width;
      if (x < free || x + wide > next - 4) continue;
      g.fillStyle = this.palette.dim;
      g.fillText(text, x, row.height / 2 + 0.5);
      free = x + wide;
    }
  }

  /** Where the keyboard is. */
  cursor(placed: Placed): void {
    this.g.fillStyle = this.palette.focus;
    this.g.fillRect(0, placed.top, 3, placed.row.height);
  }

  /** A frame around one item; the least that can be seen. */
  mark(layout: Layout, view: View, width: number, placed: Placed, start: number, end: number): void {
    const { g } = this;
    const plot = width - layout.gutter;
    const scale = plot / (view.to - view.from);
    const left = Math.max(-4, (start - view.from) * scale);
    const right = Math.min(plot + 4, (end - view.from) * scale);
    if (right < 0 || left > plot) return;
    const wide = Math.max(right - left, 3);
    g.strokeStyle = this.palette.focus;
    g.lineWidth = 2;
    g.strokeRect(layout.gutter + left - 2, placed.top - 1, wide + 3, placed.row.height + 2);
  }
}

/** A time on the axis, with the digits that tell it from its neighbours. */
function axisTime(ns: number, every: number): string {
  if (ns === 0) return "0";
  const [unit, name] = every >= 1e9 || Math.abs(ns) >= 1e10 ? [1e9, "s"] : Math.abs(ns) >= 1e6 ? [1e6, "ms"] : Math.abs(ns) >= 1e3 ? [1e3, "µs"] : [1, "ns"];
  if (ns >= 1e15 * unit) return formatNs(ns);
  const digits = Math.max(0, Math.min(9, Math.ceil(Math.log10(unit / every) - 1e-9)));
  return `${(ns / unit).toFixed(digits)} ${name}`;
}
