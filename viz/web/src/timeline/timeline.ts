// The timeline on the screen: canvas, search, details of the chosen event.
import { el } from "../dom";
import { language, say } from "../texts";
import { formatCount, formatNs } from "../units";
import { details, headline } from "./details";
import { listen } from "./gestures";
import { keyAction } from "./keys";
import type { TimelineModel } from "./model";
import { Overview } from "./overview";
import { AXIS, Painter, layOut, readPalette, type Layout, type Placed } from "./paint";
import { Tooltip } from "./tooltip";

const GUTTER = 124;
const WIDE = 640; // px from which rows have their names beside them

const LEGEND: [string, string][] = [
  ["mode-user", "page_user_mode"],
  ["mode-kernel", "page_kernel_mode"],
  ["cpu", "cpu_copy"],
  ["dma", "dma"],
  ["ref", "reference"],
  ["transform", "transform"],
  ["fault", "page_kind_fault"],
  ["soft", "page_kind_softirq"],
  ["idle", "page_waiting"],
  ["forced", "page_preempted"],
];

export class Timeline {
  readonly root: HTMLElement;
  private readonly canvas: HTMLCanvasElement;
  private readonly painter: Painter;
  private readonly overview: Overview;
  private readonly tooltip = new Tooltip();
  private readonly box: HTMLInputElement;
  private readonly count = el("output", { class: "count", "data-testid": "match-count" });
  private readonly chip = el("div", { class: "chip", hidden: true, "data-testid": "edge-filter" });
  private readonly panel = el("div", { class: "event-details", "data-testid": "event-details", "aria-live": "polite" });
  private layout: Layout = { gutter: 0, height: 0, heads: [], rows: [] };
  private width = 0;
  private frame = 0;
  private now: number | null = null; // where the playback is
  private readonly over = new AbortController();

  constructor(
    readonly model: TimelineModel,
    help: () => void,
  ) {
    const { events } = model;
    this.canvas = el("canvas", {
      tabindex: 0,
      role: "application",
      "aria-roledescription": say("page_timeline"),
      "data-testid": "timeline-canvas",
      class: "lanes",
    });
    this.painter = new Painter(this.canvas.getContext("2d", { alpha: false })!, events);
    this.overview = new Overview(model, () => this.draw());
    this.box = el("input", {
      type: "search",
      id: `search-${Math.random().toString(36).slice(2)}`,
      placeholder: say("page_search_example"),
      autocomplete: "off",
      spellcheck: "false",
      "data-testid": "search",
      "aria-label": say("page_search"),
    });
    this.box.value = model.query;
    const button = (text: string, shown: string, act: () => void, id: string): HTMLElement =>
      el("button", { type: "button", "aria-label": say(text), title: say(text), click: act, "data-testid": id, class: "icon" }, shown);
    const plot = el("div", { class: "plot" }, this.canvas, this.tooltip.root);
    this.root = el(
      "div",
      { class: "timeline" },
      el(
        "div",
        { class: "toolbar" },
        el(
          "div",
          { class: "search", role: "search" },
          this.box,
          this.count,
          button("page_previous", "‹", () => this.step(-1), "previous-match"),
          button("page_next", "›", () => this.step(1), "next-match"),
        ),
        el(
          "div",
          { class: "zoom" },
          button("page_zoom_out", "−", () => this.change(() => model.zoom(1 / 2)), "zoom-out"),
          button("page_zoom_in", "+", () => this.change(() => model.zoom(2)), "zoom-in"),
          el("button", { type: "button", click: () => this.change(() => (model.view = model.whole())), "data-testid": "fit" }, say("page_fit")),
          el("button", { type: "button", click: help, "aria-label": say("page_keys"), title: say("page_keys"), class: "icon", "data-testid": "help" }, "?"),
        ),
      ),
      this.chip,
      this.overview.canvas,
      plot,
      el(
        "ul",
        { class: "legend" },
        ...LEGEND.map(([colour, text]) => el("li", {}, el("i", { style: `background:var(--${colour})` }), say(text))),
      ),
      this.panel,
    );
    this.box.addEventListener("input", () => this.search(this.box.value));
    this.box.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.step(event.shiftKey ? -1 : 1);
      else if (event.key === "Escape") this.clear();
      else return;
      event.preventDefault();
    });
    listen(this.canvas, {
      pan: (px) => this.change(() => model.pan(-px / this.plot())),
      zoom: (times, x) => {
        const before = model.view;
        this.change(() => model.zoom(times, this.timeAt(x)));
        return model.view.from !== before.from || model.view.to !== before.to;
      },
      point: (x, y) => this.point(x, y),
      leave: () => this.tooltip.hide(),
      choose: (x, y) => this.choose(this.itemAt(x, y)),
    });
    this.canvas.addEventListener("keydown", (event) => {
      if (event.key === "?") help();
      else if (event.key === "/") this.box.focus();
      else if (!keyAction(event, this)) return;
      event.preventDefault();
    });
    this.canvas.addEventListener("blur", () => this.draw());
    this.canvas.addEventListener("focus", () => this.draw());
    document.addEventListener("zctrace:theme", () => this.retheme(), { signal: this.over.signal });
    new ResizeObserver(() => this.resize()).observe(plot);
    this.tellFound();
    this.tellChosen();
  }

  /** The screen no longer shows it. */
  close(): void {
    this.over.abort();
  }

  change(act: () => void): void {
    act();
    this.tooltip.hide();
    this.draw();
  }

  /** Where the playback is: ns of the run; null: nowhere. */
  playAt(ns: number | null): void {
    if (ns === this.now) return;
    this.now = ns;
    this.draw();
  }

  search(query: string): void {
    this.change(() => this.model.search(query));
    this.tellFound();
  }

  filter(edge: string): void {
    this.change(() => this.model.filter(edge));
    this.tellFound();
  }

  clear(): void {
    this.change(() => this.model.clear());
    this.tellFound();
    this.tellChosen();
  }

  step(by: 1 | -1): void {
    this.change(() => this.model.step(by));
    this.tellFound();
    this.tellChosen();
  }

  choose(item: number): void {
    this.change(() => (this.model.chosen = item));
    this.tellChosen();
  }

  /** Goes to the neighbour of what is chosen in the keyboard's row. */
  neighbour(by: 1 | -1): void {
    const { model } = this;
    const placed = this.layout.rows[model.row];
    if (!placed) return;
    const { track } = placed.row;
    const middle = (model.view.from + model.view.to) / 2;
    let index = -1;
    if (model.chosen >= 0) {
      const start = model.events.startOf(model.chosen);
      index = track.startedBefore(start);
      while (index < track.length && track.start[index] === start && track.item[index] !== model.chosen) ++index;
      if (track.item[index] === model.chosen) index += by;
      else index = by > 0 ? track.startedBefore(start, true) : track.startedBefore(start) - 1;
    } else {
      index = by > 0 ? track.startedBefore(middle) : track.startedBefore(middle) - 1;
    }
    if (index < 0 || index >= track.length) return;
    model.reveal(track.item[index]!);
    this.choose(track.item[index]!);
  }

  moveRow(by: 1 | -1): void {
    const { model } = this;
    const { rows } = this.layout;
    let row = model.row + by;
    while (rows[row]?.row.style === "band") row += by; // holds no events of its own
    const placed = rows[row];
    if (placed) model.row = row;
    if (placed) this.panel.replaceChildren(el("p", { class: "hint" }, `${placed.group.label()} · ${placed.row.label()}`));
    this.draw();
  }

  private plot(): number {
    return Math.max(1, this.width - this.layout.gutter);
  }

  private timeAt(x: number): number {
    const { from, to } = this.model.view;
    return from + ((x - this.layout.gutter) / this.plot()) * (to - from);
  }

  private itemAt(x: number, y: number): number {
    const placed = this.layout.rows.find((each) => y >= each.top - 1 && y < each.top + each.row.height + 2);
    if (!placed || x < this.layout.gutter) return -1;
    const { from, to } = this.model.view;
    const index = placed.row.track.hit(this.timeAt(x), ((to - from) / this.plot()) * 4);
    return index < 0 ? -1 : placed.row.track.item[index]!;
  }

  private point(x: number, y: number): void {
    const { model } = this;
    const item = y < AXIS ? -1 : this.itemAt(x, y);
    this.canvas.style.cursor = item < 0 ? "grab" : "pointer";
    if (item < 0) return this.tooltip.hide();
    this.tooltip.show(headline(model.events, item), details(model.events, item, 0), x, y, this.width);
  }

  private resize(): void {
    const width = this.canvas.parentElement!.clientWidth;
    if (width === 0) return;
    this.width = width;
    this.layout = layOut(this.model.groups, width >= WIDE ? GUTTER : 0);
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    this.canvas.style.height = `${this.layout.height}px`;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(this.layout.height * ratio);
    this.canvas.getContext("2d")!.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.overview.resize(width, ratio);
    this.overview.refresh(this.painter.palette);
    this.paint();
  }

  private retheme(): void {
    this.painter.palette = readPalette();
    this.overview.refresh(this.painter.palette);
    this.draw();
  }

  private draw(): void {
    this.frame ||= requestAnimationFrame(() => this.paint());
  }

  private paint(): void {
    this.frame = 0;
    if (this.width === 0) return;
    const { model, layout, painter, canvas } = this;
    const began = performance.now();
    painter.paint(model.view, layout, this.width, 0, model.found?.tracks ?? null);
    this.overview.paint(painter.palette);
    const placed = model.chosen < 0 ? undefined : this.placeOf(model.chosen);
    if (placed) painter.mark(layout, model.view, this.width, placed, model.events.startOf(model.chosen), model.events.endOf(model.chosen));
    if (document.activeElement === canvas && layout.rows[model.row]) painter.cursor(layout.rows[model.row]!);
    if (this.now !== null) painter.now(model.view, layout, this.width, this.now);
    canvas.dataset.now = this.now === null ? "" : this.now.toFixed(0);
    canvas.dataset.from = model.view.from.toFixed(0);
    canvas.dataset.to = model.view.to.toFixed(0);
    canvas.dataset.frameMs = (performance.now() - began).toFixed(1);
    canvas.setAttribute(
      "aria-label",
      say("page_timeline_summary", formatCount(model.events.count), formatNs(model.end - model.begin), formatCount(layout.heads.length)),
    );
  }

  private placeOf(item: number): Placed | undefined {
    const start = this.model.events.startOf(item);
    return this.layout.rows.find(({ row }) => {
      if (row.style === "band") return false;
      for (let i = row.track.startedBefore(start); i < row.track.length && row.track.start[i] === start; ++i)
        if (row.track.item[i] === item) return true;
      return false;
    });
  }

  private tellFound(): void {
    const { model } = this;
    model.tell();
    this.overview.refresh(this.painter.palette);
    this.draw();
    if (this.box.value !== model.query) this.box.value = model.query;
    this.box.setAttribute("aria-invalid", String(model.wrong !== ""));
    this.count.textContent = model.wrong ? say("page_bad_query", model.wrong) : model.edge ? "" : (model.found?.says ?? "");
    this.chip.hidden = model.edge === "";
    if (model.edge === "") return this.chip.replaceChildren();
    const mover = model.edge.split("/")[3] ?? "";
    this.chip.dataset.by = mover;
    this.chip.replaceChildren(
      el("span", { role: "status" }, model.found?.says ?? ""),
      el("button", { type: "button", class: "icon", click: () => this.step(-1), "aria-label": say("page_previous"), title: say("page_previous") }, "‹"),
      el("button", { type: "button", class: "icon", click: () => this.step(1), "aria-label": say("page_next"), title: say("page_next") }, "›"),
      el("button", { type: "button", click: () => this.clear(), "data-testid": "clear-filter" }, say("page_clear")),
    );
  }

  private tellChosen(): void {
    const { model } = this;
    if (model.chosen < 0) return this.panel.replaceChildren(el("p", { class: "hint" }, say("page_choose_event")));
    const list = el("dl");
    for (const [name, value] of details(model.events, model.chosen, 0)) list.append(el("div", {}, el("dt", {}, name), el("dd", {}, value)));
    this.panel.lang = language();
    this.panel.replaceChildren(el("h4", {}, headline(model.events, model.chosen)), list);
  }
}
