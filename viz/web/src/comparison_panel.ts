// All runs beside each other.
import { el } from "./dom";
import { comparisonTable } from "./figures";
import type { Panel, Showing } from "./panel";
import { form, onForm, picture } from "./picture";
import type { Report } from "./report";
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
    into.replaceChildren(
      el("section", { class: "card", "data-testid": "comparison", "aria-label": say("page_comparison") }, el("h2", {}, say("page_comparison")), place),
      el("section", { class: "card", "aria-label": say("page_figures") }, el("h3", {}, say("page_figures")), comparisonTable(runTitles(report), report.rows![language()])),
    );
  }
}
