// The page around the runs: heading, switches, tabs.
import { el } from "./dom";
import { comparisonTable } from "./figures";
import { helpDialog } from "./help";
import { form, onForm, picture } from "./picture";
import type { Language, Report } from "./report";
import { Run, showRun } from "./run_panel";
import { language, say, useTexts } from "./texts";
import { chooseTheme, theme, type Theme } from "./theme";

export class App {
  private readonly runs: Run[];
  private shown: number; // -1: the comparison
  private drawn = new AbortController();
  private help = helpDialog();
  private readonly root = el("div", { id: "app" });

  constructor(private readonly report: Report) {
    this.runs = report.runs.map((entry, number) => new Run(number, entry));
    this.shown = report.comparison ? -1 : 0;
    document.body.append(this.root);
    this.draw();
    document.addEventListener("keydown", (event) => {
      if (event.key !== "?" || this.help.open || event.target instanceof HTMLInputElement || event.defaultPrevented) return;
      this.help.showModal();
    });
  }

  private draw(): void {
    this.drawn.abort();
    this.drawn = new AbortController();
    const root = document.documentElement;
    root.lang = language() === "zh" ? "zh-CN" : "en";
    const titles = this.report.runs.map((run) => run.said[language()].title);
    document.title = `${titles.length === 1 ? titles[0] : say("page_compare")} · ${say("page_title")}`;
    this.help = helpDialog();
    const panel = el("div", { class: "panel" });
    this.root.replaceChildren(
      el("a", { class: "skip", href: "#content" }, say("page_skip")),
      el(
        "header",
        {},
        el(
          "div",
          { class: "top" },
          el("h1", {}, el("span", { class: "brand" }, "zctrace"), el("span", { class: "tagline" }, say("page_tagline"))),
          this.switches(),
        ),
        this.runs.length > 1 && this.tabs(panel),
      ),
      el("main", { id: "content", tabindex: -1 }, panel),
      el("footer", {}, say("page_made_by", this.report.version)),
      this.help,
    );
    this.show(panel);
  }

  private show(panel: HTMLElement): void {
    if (this.runs.length > 1) {
      panel.id = "panel";
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", `tab-${this.shown}`);
    }
    if (this.shown >= 0) return showRun(this.runs[this.shown]!, panel, () => this.help.showModal(), this.drawn.signal);
    const place = el("div", { class: "picture" });
    const drawPicture = (): void =>
      place.replaceChildren(picture(this.report.comparison![language()][form()], "zctrace-comparison.svg"));
    drawPicture();
    onForm(drawPicture, this.drawn.signal);
    const said = this.report.runs.map((run) => run.said[language()]);
    panel.replaceChildren(
      el("section", { class: "card", "data-testid": "comparison", "aria-label": say("page_comparison") }, el("h2", {}, say("page_comparison")), place),
      el(
        "section",
        { class: "card", "aria-label": say("page_figures") },
        el("h3", {}, say("page_figures")),
        comparisonTable(this.titles(), said.map((each) => each.figures)),
      ),
    );
  }

  /** What tells the runs apart: the title, and the file where several have the same. */
  private titles(): string[] {
    const titles = this.runs.map((run) => run.entry.said[language()].full_title);
    return titles.map((title, i) =>
      titles.filter((each) => each === title).length === 1
        ? title
        : say("with_remark", title, this.runs[i]!.entry.file.replace(/\.json$/, "")),
    );
  }

  private tabs(panel: HTMLElement): HTMLElement {
    const titles = this.titles();
    const entries: [number, string][] = this.runs.map((run) => [run.number, titles[run.number]!]);
    entries.unshift([-1, say("page_compare")]);
    const tabs = entries.map(([number, title]) =>
      el(
        "button",
        {
          type: "button",
          role: "tab",
          id: `tab-${number}`,
          "aria-selected": String(number === this.shown),
          "aria-controls": "panel",
          tabindex: number === this.shown ? 0 : -1,
          click: () => choose(number),
        },
        title,
      ),
    );
    const choose = (number: number): void => {
      if (number === this.shown) return;
      this.shown = number;
      this.drawn.abort();
      this.drawn = new AbortController();
      tabs.forEach((tab, i) => {
        const here = entries[i]![0] === number;
        tab.setAttribute("aria-selected", String(here));
        tab.tabIndex = here ? 0 : -1;
        if (here) tab.scrollIntoView({ block: "nearest", inline: "nearest" });
      });
      this.show(panel);
    };
    const list = el("div", { role: "tablist", "aria-label": say("page_runs"), class: "tabs" }, ...tabs);
    list.addEventListener("keydown", (event) => {
      const at = tabs.indexOf(document.activeElement as HTMLButtonElement);
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
      if (to === undefined || at < 0) return;
      event.preventDefault();
      const next = (to + tabs.length) % tabs.length;
      choose(entries[next]![0]);
      tabs[next]!.focus();
    });
    return list;
  }

  private switches(): HTMLElement {
    const select = (text: string, id: string, options: [string, string][], value: string, change: (value: string) => void): HTMLElement => {
      const list = el(
        "select",
        { "aria-label": say(text), title: say(text), "data-testid": id },
        ...options.map(([code, shown]) => el("option", { value: code, selected: code === value, lang: code === "zh" ? "zh-CN" : undefined }, shown)),
      );
      list.addEventListener("change", () => change(list.value));
      return list;
    };
    return el(
      "div",
      { class: "switches" },
      select("page_language", "language", [["en", "English"], ["zh", "中文"]], language(), (code) => {
        useTexts(this.report.texts, code as Language);
        this.draw();
        document.querySelector<HTMLElement>('[data-testid="language"]')?.focus();
      }),
      select(
        "page_theme",
        "theme",
        (["auto", "light", "dark"] as const).map((each) => [each, say(`page_theme_${each}`)]),
        theme(),
        (value) => chooseTheme(value as Theme),
      ),
    );
  }
}
