// Several runs side by side, on one clock.
import { el } from "../dom";
import { language, say } from "../texts";
import { formatBytes, formatNs } from "../units";
import { Clock } from "./clock";
import { controls, listenToKeys } from "./controls";
import { countOver, type Play } from "./data";

export const MOST = 6;
const SECONDS = 12; // that the slowest run takes

export interface Runner {
  title: string;
  play: Play;
}

export function race(runners: Runner[], signal: AbortSignal): HTMLElement {
  const end = Math.max(...runners.map(({ play }) => play.end));
  const lanes = runners.map(({ title, play }) => {
    const all = play.steps[play.steps.length - 1]!.arrived;
    const done = play.steps.find(({ arrived }) => arrived === all)!.until;
    const arrived = el("i", { class: "arrived" });
    const busy = el("i", { class: "busy" });
    const place = el("b", { class: "place" });
    const told = el("span", {});
    const root = el(
      "li",
      { "data-testid": "racer" },
      el("p", {}, el("span", { class: "name" }, title), place),
      el("div", { class: "course", "aria-hidden": "true" }, arrived),
      el("div", { class: "course thin", "aria-hidden": "true" }, busy),
      el("p", { class: "hint" }, told),
    );
    return { play, all, done, root, arrived, busy, place, told };
  });
  const order = [...lanes].sort((a, b) => a.done - b.done);
  const time = el("b", { class: "time", "data-testid": "race-time" });
  const clock = new Clock(SECONDS, () => tell());
  const step = (by: 1 | -1): void => {
    if (clock.playing) clock.stop();
    clock.go(clock.at + (by * SECONDS) / 50);
  };
  const { root: bar, tell: tellControls } = controls(clock, null, time);
  const part = (a: number, b: number): string => `${b === 0 ? 0 : Math.min(100, (100 * a) / b)}%`;
  const tell = (): void => {
    const now = (clock.at / SECONDS) * end;
    time.textContent = say("play_clock", formatNs(now), formatNs(end));
    tellControls(time.textContent);
    for (const lane of lanes) {
      const at = lane.play.steps[countOver(lane.play.steps, (each) => each.until <= now) - 1];
      const over = now >= lane.done;
      lane.arrived.style.width = part(at?.arrived ?? 0, lane.all);
      lane.busy.style.width = part(at?.busy ?? 0, end);
      lane.root.classList.toggle("over", over);
      lane.place.textContent = over ? say("page_race_place", String(order.indexOf(lane) + 1), formatNs(lane.done)) : "";
      lane.told.textContent = [
        say("page_race_arrived", formatBytes(at?.arrived ?? 0)),
        lane.play.steps[0]!.busy === null ? say("play_busy_unknown") : say("play_busy", formatNs(at?.busy ?? 0)),
        say("play_copied", lane.play.copies_known ? formatBytes(at?.copied ?? 0) : say("unknown")),
      ].join(" · ");
    }
  };
  const cautions = new Set(runners.flatMap(({ play }) => [play.missing[language()], play.caution[language()]]).filter((text) => text !== ""));
  const root = el(
    "div",
    { class: "race", role: "group", "aria-label": say("page_race"), tabindex: 0, title: say("page_play_keys"), "data-testid": "race" },
    el("p", { class: "hint" }, say("page_race_hint", formatNs(end))),
    bar,
    el("ol", {}, ...lanes.map((lane) => lane.root)),
    ...[...cautions].map((text) => el("p", { class: "hint" }, text)),
  );
  listenToKeys(root, clock, step);
  signal.addEventListener("abort", () => clock.playing && clock.stop());
  tell();
  return root;
}
