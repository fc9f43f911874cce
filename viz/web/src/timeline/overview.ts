// The whole run in a strip: where the view is, and where the matches are. For the pointer; keys do the same elsewhere.
import { el } from "../dom";
import type { TimelineModel } from "./model";
import type { Palette } from "./paint";
import type { Track } from "./track";
import { walk } from "./walk";

const HEIGHT = 30;
const MATCHES = 5; // px below the calls

export class Overview {
  readonly canvas = el("canvas", { class: "overview", "aria-hidden": "true", "data-testid": "overview" });
  private readonly still = document.createElement("canvas"); // all but the view's frame
  private width = 0;
  private ratio = 1;

  /** `moved` after the pointer has changed the view. */
  constructor(
    private readonly model: TimelineModel,
    moved: () => void,
  ) {
    const go = (event: PointerEvent): void => {
      const whole = model.whole();
      const box = this.canvas.getBoundingClientRect();
      const at = whole.from + ((event.clientX - box.left) / box.width) * (whole.to - whole.from);
      const half = (model.view.to - model.view.from) / 2;
      model.show(at - half, at + half);
      moved();
    };
    this.canvas.addEventListener("pointerdown", (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      go(event);
    });
    this.canvas.addEventListener("pointermove", (event) => {
      if (this.canvas.hasPointerCapture(event.pointerId)) go(event);
    });
  }

  resize(width: number, ratio: number): void {
    this.width = width;
    this.ratio = ratio;
    for (const canvas of [this.canvas, this.still]) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(HEIGHT * ratio);
    }
    this.canvas.style.height = `${HEIGHT}px`;
  }

  /** After a resize, a search, another theme. */
  refresh(palette: Palette): void {
    if (this.width === 0) return;
    const g = this.still.getContext("2d")!;
    g.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    g.fillStyle = palette.band;
    g.fillRect(0, 0, this.width, HEIGHT);
    const rows = this.model.groups.flatMap((group) => group.rows);
    const calls = rows.filter((row) => row.id.endsWith("/calls")).slice(0, 4);
    const high = (HEIGHT - MATCHES - 4) / Math.max(1, calls.length);
    calls.forEach((row, i) => this.strip(g, row.track, 2 + i * high, high - 1, palette.kernel));
    const found = this.model.found;
    if (found) for (const track of found.tracks.values()) this.strip(g, track, HEIGHT - MATCHES, MATCHES, palette.focus, 2);
  }

  private strip(g: CanvasRenderingContext2D, track: Track, top: number, height: number, colour: string, least = 1): void {
    const whole = this.model.whole();
    g.fillStyle = colour;
    const { seen } = walk(track, whole.from, whole.to, this.width, 1, (_, left, right) => g.fillRect(left, top, right - left, height));
    for (let x = 0; x < this.width; ++x) if (seen[x]) g.fillRect(x, top, least, height);
  }

  paint(palette: Palette): void {
    const g = this.canvas.getContext("2d")!;
    g.setTransform(1, 0, 0, 1, 0, 0);
    g.drawImage(this.still, 0, 0);
    g.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    const whole = this.model.whole();
    const scale = this.width / (whole.to - whole.from);
    const left = (this.model.view.from - whole.from) * scale;
    const wide = Math.max(3, (this.model.view.to - this.model.view.from) * scale);
    g.globalAlpha = 0.62;
    g.fillStyle = palette.paper;
    g.fillRect(0, 0, left, HEIGHT - MATCHES);
    g.fillRect(left + wide, 0, this.width, HEIGHT - MATCHES);
    g.globalAlpha = 1;
    g.strokeStyle = palette.dim;
    g.lineWidth = 1.5;
    g.strokeRect(left + 0.75, 0.75, wide - 1.5, HEIGHT - 1.5);
  }
}
