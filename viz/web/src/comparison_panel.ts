// All runs beside each other.
import { el } from "./dom";
import { comparisonTable } from "./figures";
import type { Panel, Showing } from "./panel";
import { form, onForm, picture } from "./picture";
import type { Report } from "./report";
import { readPlay } from "./playback/data";
import { MOST, race } from "./playback/race";
import { runTitles } from "./run_panel";
import { language, say } from "./texts";

export class Comparison implements Panel {
  readonly name = "comparison";

  constructor(private readonly report: Report) {}

  title(): string {
    return say("page_compare");
  }

  show(into: HTMLElement, { signal }: Showing): void {
    const { report } = this;
    const place = el("div", { class: "picture" });
    const drawPicture = (): void => place.replaceChildren(picture(report.comparison![language()][form()], "zctrace-comparison.svg"));
    drawPicture();
    onForm(drawPicture, signal);
    const titles = runTitles(report);
    const running = report.runs.map((run, number) => ({ number, title: titles[number]!, plays: run.plays }));
    const able = running.filter(({ plays }) => plays);
    const racers = able.slice(0, MOST);
    const without = running.filter(({ plays }) => !plays).map(({ title }) => title);
    const remarks = [
      able.length > MOST ? say("page_race_first", String(MOST)) : "",
      without.length > 0 ? say("page_race_without", without.join(say("comma"))) : "",
    ].filter((text) => text !== "");
    const course = el("div", {});
    if (racers.length > 1)
      void Promise.all(racers.map(async ({ number, title }) => ({ title, play: await readPlay(number) }))).then((runners) => {
        if (!signal.aborted) course.replaceChildren(race(runners, signal));
      });
    into.replaceChildren(
      el("section", { class: "card", "data-testid": "comparison", "aria-label": say("page_comparison") }, el("h2", { class: "unseen" }, say("page_comparison")), place),
      ...(racers.length > 1 ? [el("section", { class: "card", "data-testid": "race-card", "aria-label": say("page_race") }, el("h3", {}, say("page_race")), course, ...remarks.map((text) => el("p", { class: "hint" }, text)))] : []),
      el("section", { class: "card", "aria-label": say("page_figures") }, el("h3", {}, say("page_figures")), comparisonTable(titles, report.rows![language()])),
    );
  }
}
