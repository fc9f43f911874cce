// The page around the panels: heading, switches, tabs. What is shown stands in the address, so that the browser's back
// button and a link lead to it.
import { addressOf, asked } from "./address";
import { el } from "./dom";
import { helpDialog } from "./help";
import type { Panel } from "./panel";
import type { Language, Report } from "./report";
import { language, say, useTexts } from "./texts";
import { chooseTheme, theme, type Theme } from "./theme";

export class App {
  private shown: Panel;
  private at = ""; // of it
  private drawn = new AbortController();
  private help = helpDialog();
  private panel = el("div");
  private tabs: HTMLButtonElement[] = [];
  private readonly root = el("div", { id: "app" });

  /** `panels`: at least one; the first is shown unless the address asks for another. */
  constructor(
    private readonly report: Report,
    private readonly panels: readonly Panel[],
  ) {
    const first = this.place();
    this.shown = first?.panel ?? panels[0]!;
    document.body.append(this.root);
    this.at = first?.at ?? "";
    this.draw(true);
    addEventListener("hashchange", () => {
      const now = this.place();
      if (now) this.show(now.panel, now.at);
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "?" || this.help.open || event.target instanceof HTMLInputElement || event.defaultPrevented) return;
      this.help.showModal();
    });
  }

  /** The panel that the address asks for, and what of it; nothing where it asks for none of them. */
  private place(): { panel: Panel; at: string } | undefined {
    const at = asked();
    if (at === "") return { panel: this.panels[0]!, at };
    const name = at.split("/", 1)[0]!;
    const named = this.panels.find((panel) => panel.name === name);
    if (named) return { panel: named, at: at.slice(name.length + 1) };
    const holder = this.panels.find((panel) => panel.holds?.(at));
    return holder && { panel: holder, at };
  }

  private draw(arrived: boolean): void {
    const root = document.documentElement;
    root.lang = language() === "zh" ? "zh-CN" : "en";
    this.help = helpDialog();
    this.panel = el("div", { class: "panel" });
    const several = this.panels.length > 1;
    if (several) {
      this.panel.id = "panel";
      this.panel.setAttribute("role", "tabpanel");
    }
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
        several && this.tabList(),
      ),
      el("main", { id: "content", tabindex: -1 }, this.panel),
      el("footer", {}, say("page_made_by", this.report.version)),
      this.help,
    );
    this.show(this.shown, this.at, arrived);
  }

  private show(panel: Panel, at: string, arrived = true): void {
    this.shown = panel;
    this.at = at;
    this.drawn.abort();
    this.drawn = new AbortController();
    document.title = `${panel.title()} · ${say("page_title")}`;
    if (this.panels.length > 1) this.panel.setAttribute("aria-labelledby", `tab-${panel.name}`);
    this.tabs.forEach((tab, i) => {
      const here = this.panels[i] === panel;
      tab.setAttribute("aria-selected", String(here));
      tab.tabIndex = here ? 0 : -1;
      if (here) tab.scrollIntoView({ block: "nearest", inline: "nearest" });
    });
    panel.show(this.panel, { at, arrived, help: () => this.help.showModal(), signal: this.drawn.signal });
  }

  private choose(panel: Panel): void {
    if (panel === this.shown) return;
    history.pushState(null, "", addressOf(panel.name));
    this.show(panel, "");
  }

  private tabList(): HTMLElement {
    this.tabs = this.panels.map((panel) =>
      el(
        "button",
        { type: "button", role: "tab", id: `tab-${panel.name}`, "aria-controls": "panel", click: () => this.choose(panel) },
        panel.title(),
      ),
    );
    const { tabs } = this;
    const list = el("div", { role: "tablist", "aria-label": say("page_runs"), class: "tabs" }, ...tabs);
    list.addEventListener("keydown", (event) => {
      const at = tabs.indexOf(document.activeElement as HTMLButtonElement);
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
      if (to === undefined || at < 0) return;
      event.preventDefault();
      const next = (to + tabs.length) % tabs.length;
      this.choose(this.panels[next]!);
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
        this.draw(false);
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
