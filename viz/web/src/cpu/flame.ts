// A flame graph, callers above those they called: a tree of bars, for the mouse, the finger and the keyboard.
import { el } from "../dom";
import { say } from "../texts";
import { formatBytes, formatCount } from "../units";
import type { Frame } from "./data";

const LEAST = 0.005; // of the width: what is narrower is not drawn

export const percent = (part: number): string => `${(part * 100).toFixed(part < 0.0995 ? 1 : 0)}%`;

/** What the bars are as wide as. */
export interface Measure {
  told: string; // the text that tells of a bar
  rest: string; // the text for that of which no stack is known
  format: (weight: number) => string;
}
export const SAMPLES: Measure = { told: "page_cpu_told", rest: "page_cpu_rare", format: formatCount };
export const COPIED: Measure = { told: "page_stacks_told", rest: "page_stacks_unknown", format: formatBytes };

export class Flame {
  readonly element: HTMLElement;
  private readonly bars = el("div", { class: "flame-bars", role: "tree" });
  private readonly told = el("p", { class: "flame-told", role: "status", "data-testid": "flame-told" });
  private readonly all: HTMLButtonElement;
  private readonly drawn = new Map<Frame, HTMLElement>();
  private zoomed: Frame;
  private current: Frame;

  constructor(
    private readonly root: Frame,
    private readonly title: string,
    private readonly measure: Measure,
  ) {
    this.zoomed = this.current = root;
    this.all = el("button", { type: "button", class: "quiet", "data-testid": "flame-all", click: () => this.zoom(this.root) }, say("page_cpu_all"));
    this.bars.setAttribute("aria-label", say("page_cpu_graph", title));
    this.bars.addEventListener("keydown", (event) => this.key(event));
    this.element = el("div", { class: "flame" }, this.bars, el("div", { class: "bar" }, this.told, this.all));
    this.draw();
    this.tell(root);
  }

  private name(frame: Frame): string {
    return frame.name || (frame.parent ? say(this.measure.rest) : this.title);
  }

  private words(frame: Frame): string {
    const part = percent(frame.weight / Math.max(1, this.root.weight));
    const name = frame.parent && frame.name ? `${this.name(frame)} (${say(`page_cpu_work_${frame.work}`)})` : this.name(frame);
    const { told, format } = this.measure;
    return say(told, name, format(frame.weight), format(this.root.weight), part, format(frame.own));
  }

  private tell(frame: Frame): void {
    this.told.textContent = this.words(frame);
  }

  private draw(): void {
    this.drawn.clear();
    this.bars.replaceChildren();
    let deepest = 0;
    const bar = (frame: Frame, left: number, width: number, above: boolean): void => {
      deepest = Math.max(deepest, frame.depth);
      const element = el(
        "div",
        {
          class: `frame ${frame.parent && frame.name ? frame.work : "root"}${above ? " above" : ""}${frame.own * 2 > frame.weight ? " own" : ""}`,
          role: "treeitem",
          "aria-level": frame.depth + 1,
          "aria-label": this.words(frame),
          "aria-selected": frame === this.zoomed ? "true" : "false",
          tabindex: frame === this.current ? 0 : -1,
          click: () => this.zoom(frame),
          focus: () => this.arrive(frame),
          pointerenter: () => this.tell(frame),
        },
        el("span", {}, this.name(frame)),
      );
      element.style.left = `${left * 100}%`;
      element.style.width = `${width * 100}%`;
      element.style.top = `calc(${frame.depth} * var(--flame-row))`;
      this.drawn.set(frame, element);
      this.bars.append(element);
      if (above) return;
      let at = left;
      for (const child of frame.children) {
        const part = (width * child.weight) / Math.max(1, frame.weight);
        if (part >= LEAST) bar(child, at, part, false);
        at += part;
      }
    };
    const callers: Frame[] = [];
    for (let at = this.zoomed.parent; at; at = at.parent) callers.unshift(at);
    for (const caller of callers) bar(caller, 0, 1, true);
    bar(this.zoomed, 0, 1, false);
    this.bars.style.height = `calc(${deepest + 1} * var(--flame-row))`;
    this.all.hidden = this.zoomed === this.root;
  }

  private zoom(frame: Frame): void {
    const focused = this.bars.contains(document.activeElement);
    this.zoomed = this.current = frame;
    this.draw();
    this.tell(frame);
    if (focused) this.drawn.get(frame)!.focus();
  }

  private arrive(frame: Frame): void {
    this.drawn.get(this.current)?.setAttribute("tabindex", "-1");
    this.current = frame;
    this.drawn.get(frame)?.setAttribute("tabindex", "0");
    this.tell(frame);
  }

  private key(event: KeyboardEvent): void {
    const { current } = this;
    const beside = (by: number): Frame | undefined => {
      const row = [...this.drawn.keys()].filter((frame) => frame.depth === current.depth);
      return row[row.indexOf(current) + by];
    };
    const moves: Record<string, () => Frame | null | undefined> = {
      ArrowDown: () => current.children.find((child) => this.drawn.has(child)),
      ArrowUp: () => current.parent,
      ArrowRight: () => beside(1),
      ArrowLeft: () => beside(-1),
      Home: () => this.root,
    };
    const move = moves[event.key];
    if (move) {
      const to = move();
      if (to) this.drawn.get(to)?.focus();
    } else if (event.key === "Enter" || event.key === " ") {
      this.zoom(current);
    } else if (event.key === "Escape") {
      this.zoom(this.root);
    } else {
      return;
    }
    event.preventDefault();
  }
}
