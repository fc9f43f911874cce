// Buttons, slider and speed of something that plays.
import { el } from "../dom";
import { say } from "../texts";
import type { Clock } from "./clock";

const RATES = [0.25, 0.5, 1, 2, 4];

/** What `controls` makes: `rare` is the part of `root` that is needed least. */
export interface Controls {
  root: HTMLElement;
  rare: HTMLElement;
  tell: (value: string) => void;
}

/** `step`: goes on by one, or back. */
export function controls(clock: Clock, step: ((by: 1 | -1) => void) | null, ...more: HTMLElement[]): Controls {
  const play = el("button", { type: "button", class: "play", "data-testid": "play", click: () => clock.toggle() });
  const slider = el("input", { type: "range", min: 0, max: 1000, step: 1, "aria-label": say("page_play_position"), "data-testid": "play-position" });
  slider.addEventListener("input", () => {
    if (clock.playing) clock.stop();
    clock.go((Number(slider.value) / 1000) * clock.end);
  });
  const rate = el(
    "select",
    { "aria-label": say("page_play_speed"), title: say("page_play_speed"), "data-testid": "play-speed" },
    ...RATES.map((each) => el("option", { value: each, selected: each === clock.rate }, `${each}×`)),
  );
  rate.addEventListener("change", () => (clock.rate = Number(rate.value)));
  const button = (text: string, shown: string, by: 1 | -1, id: string): HTMLElement =>
    el("button", { type: "button", class: "icon", "aria-label": say(text), title: say(text), "data-testid": id, click: () => step!(by) }, shown);
  const rare = el("div", { class: "rare" }, rate, ...more);
  const root = el(
    "div",
    { class: "controls" },
    play,
    step && button("page_step_back", "‹", -1, "play-back"),
    step && button("page_step_on", "›", 1, "play-on"),
    slider,
    rare,
  );
  const tell = (value: string): void => {
    play.textContent = say(clock.playing ? "page_pause" : "page_play");
    slider.value = String(Math.round((clock.at / clock.end) * 1000));
    slider.setAttribute("aria-valuetext", value);
  };
  return { root, rare, tell };
}

/** Space and the arrows, wherever in `root` the focus is; buttons and lists keep their own. */
export function listenToKeys(root: HTMLElement, clock: Clock, step: (by: 1 | -1) => void): void {
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLSelectElement) return;
    const of = event.target;
    if (of instanceof HTMLInputElement && of.type === "radio") return;
    if (event.key === " ") {
      if (of instanceof HTMLButtonElement || of instanceof SVGElement) return;
      clock.toggle();
    } else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      step(event.key === "ArrowRight" ? 1 : -1);
    } else if (event.key === "Home" || event.key === "End") {
      clock.go(event.key === "Home" ? 0 : clock.end);
    } else {
      return;
    }
    event.preventDefault();
  });
}
