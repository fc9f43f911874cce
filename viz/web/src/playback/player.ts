// The playback of one run: the controls, what is said of each step, the counters.
import { el } from "../dom";
import type { Form } from "../report";
import { language, say, sayCount } from "../texts";
import { formatBytes, formatCount, formatNs } from "../units";
import { Clock } from "./clock";
import { controls, type Controls, listenToKeys } from "./controls";
import { momentAt, type Play } from "./data";
import { Stage } from "./stage";

export class Player {
  readonly root: HTMLElement;
  /** What has no room above the picture on a narrow screen stands here, below it. */
  readonly foot = el("div", {});
  private readonly clock: Clock;
  private stage: Stage | null = null;
  private readonly controls: Controls;
  private readonly remarks: HTMLElement[];
  private readonly time = el("b", { class: "time", "data-testid": "play-time" });
  private readonly now = el("span", { class: "now", "data-testid": "play-now" });
  private readonly pace = el("span", { class: "hint" });
  private readonly busy = el("i", { class: "busy" });
  private readonly hand = el("i", { class: "hand" });
  private readonly figures: Record<"busy" | "switches" | "copied", HTMLElement>;

  /** `told` hears at what time of the run the playing is, null: nowhere, it is over. */
  constructor(
    readonly play: Play,
    private readonly told: (ns: number | null) => void,
    signal: AbortSignal,
  ) {
    this.clock = new Clock(play.seconds, () => this.tell());
    const part = el("fieldset", { class: "switch", "data-testid": "play-part" }, el("legend", { class: "unseen" }, say("page_play_part")));
    const slow = play.steps[play.slow]?.begin;
    for (const [text, end] of [["page_play_first", slow], ["page_play_whole", play.seconds]] as const)
      if (end)
        part.append(
          el(
            "label",
            {},
            el("input", { type: "radio", name: "play-part", value: text, checked: end === play.seconds, change: () => (this.clock.end = end) }),
            el("span", {}, say(text)),
          ),
        );
    this.controls = controls(this.clock, (by) => this.step(by), ...(slow ? [part] : []));
    const figure = (id: string): HTMLElement => el("span", { "data-testid": `play-${id}` });
    this.figures = { busy: figure("busy"), switches: figure("switches"), copied: figure("copied") };
    const remarks = { warning: [play.missing], hint: [play.received, play.caution] };
    this.remarks = Object.entries(remarks).flatMap(([kind, texts]) =>
      texts.filter((text) => text[language()] !== "").map((text) => el("p", { class: kind }, text[language()])),
    );
    this.root = el(
      "div",
      { class: "playback", "data-testid": "playback", role: "group", "aria-label": say("page_playback"), tabindex: 0, title: say("page_play_keys") },
      this.controls.root,
      el("p", { class: "at" }, this.time, this.now, this.pace),
      el("div", { class: "busy-line" }, this.figures.busy, el("div", { class: "course", "aria-hidden": "true" }, this.busy, this.hand)),
      el("p", { class: "counters" }, this.figures.switches, this.figures.copied),
      ...this.remarks,
    );
    listenToKeys(this.root, this.clock, (by) => this.step(by));
    signal.addEventListener("abort", () => this.clock.playing && this.clock.stop());
    this.tell();
  }

  /** The picture that it plays on. */
  on(svg: SVGSVGElement): void {
    this.stage = new Stage(svg, this.play);
    this.tell();
  }

  settle(form: Form): void {
    const { root, rare } = this.controls;
    (form === "narrow" ? this.foot : root).append(rare);
    (form === "narrow" ? this.foot : this.root).append(...this.remarks);
  }

  toggle(): void {
    this.clock.toggle();
  }

  /** To the next step's begin, or the one before. */
  step(by: 1 | -1): void {
    if (this.clock.playing) this.clock.stop();
    const { steps } = this.play;
    const { step } = momentAt(this.play, this.clock.at);
    const back = step - 1;
    if (by > 0) return this.clock.go(steps[step] ? steps[step]!.begin + steps[step]!.length : this.clock.end);
    this.clock.go(steps[back]?.begin ?? 0);
  }

  private tell(): void {
    const { play, clock } = this;
    const moment = momentAt(play, clock.at);
    const { before, ns } = moment;
    const step = play.steps[moment.step];
    this.time.textContent = say("play_clock", formatNs(ns), formatNs(play.end));
    this.now.textContent = step ? step.said[language()] : say("play_end");
    this.pace.textContent = step ? (moment.step < play.slow ? say("play_slow") : play.speed[language()]) : "";
    const part = (time: number): string => `${(100 * time) / play.end}%`;
    const known = play.steps[0]!.busy !== null;
    this.busy.style.width = part(before?.busy ?? 0);
    this.hand.style.left = part(ns);
    this.figures.busy.textContent = known ? say("play_busy", formatNs(before?.busy ?? 0)) : say("play_busy_unknown");
    const switches = before?.switches ?? 0;
    this.figures.switches.textContent = play.switches_known ? sayCount(switches, formatCount(switches), "play_one_switch", "play_switches") : "";
    this.figures.copied.textContent = say("play_copied", play.copies_known ? formatBytes(before?.copied ?? 0) : say("unknown"));
    this.controls.tell(this.time.textContent);
    this.stage?.show(moment);
    this.told(step ? ns : null);
  }
}
