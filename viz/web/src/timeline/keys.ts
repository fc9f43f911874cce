// The timeline's keys; the help dialog lists them.
import type { Timeline } from "./timeline";

/** Does what a key asks for; false if it asks for nothing. */
export function keyAction(event: KeyboardEvent, timeline: Timeline): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const { model } = timeline;
  const act = (what: () => void): boolean => (timeline.change(what), true);
  const far = event.shiftKey ? 1 : 0.125;
  switch (event.key) {
    case "ArrowLeft":
      return act(() => model.pan(-far));
    case "ArrowRight":
      return act(() => model.pan(far));
    case "ArrowUp":
      return timeline.moveRow(-1), true;
    case "ArrowDown":
      return timeline.moveRow(1), true;
    case "+":
    case "=":
      return act(() => model.zoom(2));
    case "-":
    case "_":
      return act(() => model.zoom(1 / 2));
    case "0":
    case "Home":
      return act(() => (model.view = model.whole()));
    case ".":
      return timeline.neighbour(1), true;
    case ",":
      return timeline.neighbour(-1), true;
    case "n":
      return timeline.step(1), true;
    case "N":
      return timeline.step(-1), true;
    case "Enter":
      return act(() => model.chosen >= 0 && model.reveal(model.chosen, true));
    case "Escape":
      return timeline.clear(), true;
  }
  return false;
}

/** Keys as they are shown, and what they do. */
export const KEYS: [string[], string][] = [
  [["←", "→"], "page_key_move"],
  [["+", "−"], "page_key_zoom"],
  [["0", "Home"], "page_key_fit"],
  [["↑", "↓"], "page_key_row"],
  [[",", "."], "page_key_step"],
  [["Enter"], "page_key_focus"],
  [["/"], "page_key_search"],
  [["n", "N"], "page_key_match"],
  [["Esc"], "page_key_clear"],
  [["Space"], "page_key_play"],
  [["f"], "page_key_present"],
  [["?"], "page_key_help"],
];
