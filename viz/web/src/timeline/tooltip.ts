// What the pointer rests on.
import { el } from "../dom";

export class Tooltip {
  readonly root = el("div", { class: "tooltip", "aria-hidden": "true", hidden: true, "data-testid": "tooltip" });

  /** Beside (x, y), within `width` px. */
  show(title: string, rows: [string, string][], x: number, y: number, width: number): void {
    const list = el("dl");
    for (const [name, value] of rows) list.append(el("div", {}, el("dt", {}, name), el("dd", {}, value)));
    this.root.replaceChildren(el("strong", {}, title), list);
    this.root.hidden = false;
    const own = this.root.offsetWidth;
    const left = x + 16 + own <= width ? x + 16 : Math.max(0, x - own - 16);
    this.root.style.left = `${Math.min(left, Math.max(0, width - own))}px`;
    this.root.style.top = `${y + 16}px`;
  }

  hide(): void {
    this.root.hidden = true;
  }
}
