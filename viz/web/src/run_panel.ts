// One run: its verdict, pictures, timeline and figures.
import { chainTable } from "./chains";
import { cpuContent } from "./cpu/card";
import { copiesContent } from "./cpu/copies";
import { el, save } from "./dom";
import { figureTable } from "./figures";
import { flowTable } from "./flows";
import type { Panel, Showing } from "./panel";
import { form, onForm, picture } from "./picture";
import { readPlay, type Play } from "./playback/data";
import { Player } from "./playback/player";
import { present } from "./playback/present";
import { type Pictures, type Report, type RunEntry, readPictures } from "./report";
import { language, say } from "./texts";
import { edgeWords } from "./timeline/details";
import { openEvents, TimelineModel } from "./timeline/model";
import { Timeline } from "./timeline/timeline";
import { readBlob } from "./unpack";
import { formatCount } from "./units";

/** What tells the runs apart: the experiment's name or the title, and the file where several have the same. */
export function runTitles({ runs }: Report): string[] {
  const titles = runs.map((run) => run.name?.[language()] ?? run.said[language()].full_title);
  return titles.map((title, i) =>
    titles.filter((each) => each === title).length === 1 ? title : say("with_remark", title, runs[i]!.file.replace(/\.json$/, "")),
  );
}

/** Marks the arrow that the address asks for, and says so. */
function markEdge(flow: HTMLElement, edge: string, told: HTMLElement): void {
  if (edge === "") return;
  const arrows = [...flow.querySelectorAll<SVGElement>("[data-edge]")].filter((each) => each.dataset.edge === edge);
  for (const arrow of arrows) {
    arrow.classList.add("chosen");
    arrow.setAttribute("aria-current", "true");
  }
  flow.classList.toggle("with-chosen", arrows.length > 0);
  told.textContent = say(arrows.length > 0 ? "page_edge_shown" : "page_edge_missing", edgeWords(edge));
}

/** What stays of a run when its panel is drawn anew, in another language say. */
export class Run implements Panel {
  readonly name: string;
  readonly entry: RunEntry;
  pictures: Promise<Pictures> | null = null;
  model: Promise<TimelineModel> | null = null;
  play: Promise<Play> | null = null;
  part = 0; // of the timeline that has been opened
  span: "chunk" | "whole" = "chunk";

  constructor(
    readonly number: number,
    private readonly report: Report,
  ) {
    this.name = `run-${number}`;
    this.entry = report.runs[number]!;
  }

  title(): string {
    return runTitles(this.report)[this.number]!;
  }

  show(into: HTMLElement, showing: Showing): void {
    showRun(this, into, showing);
  }

  open(told: (part: number) => void): Promise<TimelineModel> {
    this.model ??= openEvents(this.number, this.entry.events, (part) => {
      this.part = part;
      document.dispatchEvent(new Event(`zctrace:opening-${this.number}`));
    }).then((events) => new TimelineModel(events, this.entry.said.en.lost === ""));
    told(this.part);
    return this.model;
  }
}

function verdict(entry: RunEntry): HTMLElement {
  const said = entry.said[language()];
  const warnings = [
    said.complete ? "" : say("interrupted"),
    said.lost ? `${say("page_losses")}: ${said.lost}` : "",
  ].filter((text) => text !== "");
  return el(
    "header",
    { class: `verdict ${said.verdict.tone}`, "data-testid": "verdict" },
    el(
      "div",
      { class: "found" },
      el("p", { class: "of" }, said.full_title),
      el("h2", {}, el("span", { class: "figure" }, said.verdict.figure), " ", el("span", { class: "what" }, said.verdict.what)),
      el("p", { class: "judgment" }, said.verdict.judgment),
    ),
    el(
      "div",
      { class: "basis" },
      said.claim ? el("p", { class: "claim" }, said.claim) : null,
      el("p", { class: "setting" }, said.setting, said.network ? el("span", {}, ` · ${said.network}`) : null),
      el("p", { class: `evidence ${said.evidence.good ? "good" : "weak"}`, "data-testid": "evidence" }, el("b", {}, `${say("evidence")}: `), said.evidence.text),
    ),
    ...warnings.map((text) => el("p", { class: "warning", role: "note" }, text)),
    said.notes.length > 0 &&
      el("details", { class: `notes ${said.evidence.good ? "" : "weak"}`, open: true, "data-testid": "notes" }, el("summary", {}, say("page_notes")), el("ul", {}, ...said.notes.map((note) => el("li", {}, note)))),
  );
}

const card = (id: string, title: string, ...content: (HTMLElement | string | null)[]): HTMLElement =>
  el("section", { class: "card", "data-testid": id, "aria-label": title }, el("h3", { class: id === "flow" ? "unseen" : undefined }, title), ...content);

function showRun(run: Run, into: HTMLElement, { at, arrived, help, signal }: Showing): void {
  const { entry } = run;
  const said = entry.said[language()];
  const stem = entry.file.replace(/\.json$/, "");
  const flowHint = el("p", { class: "hint", id: "flow-hint", hidden: said.flows !== null }, say("page_flow_hint"));
  const sequenceHint = el("p", { class: "hint", id: "sequence-hint" }, say("page_sequence_hint"));
  const marked = el("p", { class: "marked", role: "status", "data-testid": "marked", hidden: at === "" });
  const flow = el("div", { class: "picture" });
  const sequence = el("div", { class: "picture" });
  const time = el("div", {}, el("p", { class: "hint", role: "status" }));
  const timelineCard = card("timeline", say("page_timeline"), el("p", { class: "hint" }, say("page_timeline_hint")), time);
  let timeline: Timeline | null = null;
  let player: Player | null = null;

  const toTimeline = (act: (shown: Timeline) => void): void => {
    void run.open(() => {}).then(() => {
      if (!timeline) return;
      act(timeline);
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      timelineCard.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "start" });
    });
  };
  const drawPictures = async (): Promise<void> => {
    const all = await (run.pictures ??= readPictures(run.number));
    if (signal.aborted) return;
    const drawn = all[language()][form()];
    flow.replaceChildren(
      picture(drawn.flow, `${stem}-flow.svg`, {
        selector: "[data-edge]",
        hint: flowHint,
        choose: (part) => toTimeline((shown) => shown.filter(part.dataset.edge!)),
      }),
    );
    markEdge(flow, at, marked);
    player?.settle(form());
    player?.on(flow.querySelector("svg")!);
    sequence.replaceChildren(
      picture(drawn[run.span], `${stem}-${run.span}.svg`, {
        selector: "[data-from][data-until]",
        hint: sequenceHint,
        choose: (part) =>
          toTimeline((shown) => {
            const from = Number(part.dataset.from);
            const until = Number(part.dataset.until);
            const room = Math.max(until - from, 200) * 0.1;
            shown.change(() => shown.model.show(from - room, until + room));
          }),
      }),
    );
  };
  const spans = el("fieldset", { class: "switch", "data-testid": "span" }, el("legend", { class: "unseen" }, say("page_span")));
  for (const span of ["chunk", "whole"] as const)
    spans.append(
      el(
        "label",
        {},
        el("input", {
          type: "radio",
          name: `span-${run.number}`,
          value: span,
          checked: run.span === span,
          change: () => {
            run.span = span;
            void drawPictures();
          },
        }),
        el("span", {}, say(`page_span_${span}`)),
      ),
    );

  const playing = el("div", {});
  const stage = el("div", {}, playing, flow);
  const presenting = present(stage, () => player?.toggle(), signal);
  const flowCard = card("flow", say("page_flow"), marked, stage, el("div", { class: "bar" }, flowHint, presenting));
  if (entry.plays)
    void (run.play ??= readPlay(run.number)).then((play) => {
      if (signal.aborted) return;
      player = new Player(play, (ns) => timeline?.playAt(ns), signal);
      player.settle(form());
      playing.replaceChildren(player.root);
      stage.append(player.foot);
      const svg = flow.querySelector("svg");
      if (svg) player.on(svg);
    });
  into.replaceChildren(
    verdict(entry),
    ...(said.flows ? [card("flows", say("flows"), flowTable(said.flows))] : []),
    ...(said.chains ? [card("chains", say("chains"), chainTable(said.chains))] : []),
    flowCard,
    timelineCard,
    // Without events there are no steps.
    ...(entry.events > 0 ? [card("sequence", say("page_sequence"), el("div", { class: "bar" }, sequenceHint, spans), sequence)] : []),
    ...(said.cpu.length > 0 ? [card("cpu", say("cpu_cost"), cpuContent(run.number, said.cpu, stem, signal))] : []),
    ...(said.stacks ? [card("stacks", say("copy_stacks"), copiesContent(run.number, said.stacks, stem, signal))] : []),
    card("figures", say("page_figures"), figureTable(said.figures.filter(({ id }) => !id.startsWith("flows/")))),
    el(
      "p",
      { class: "downloads" },
      el("button", { type: "button", "data-testid": "download-json", click: () => void readBlob(`document-${run.number}`).then((blob) => save(blob, entry.file)) }, say("page_download_json")),
    ),
  );
  void drawPictures();
  onForm(() => void drawPictures(), signal);
  if (at && arrived) {
    flowCard.tabIndex = -1;
    flowCard.focus({ preventScroll: true });
    flowCard.scrollIntoView({ block: "start" });
  }

  if (entry.events === 0) return time.replaceChildren(el("p", {}, say("page_no_events")));
  timelineCard.dataset.state = "opening";
  const status = time.firstElementChild!;
  const told = (): void => {
    status.textContent = say("page_opening", `${formatCount(Math.floor(run.part * 100))}%`);
  };
  document.addEventListener(`zctrace:opening-${run.number}`, told, { signal });
  void run.open(told).then(
    (model) => {
      if (signal.aborted) return;
      timeline = new Timeline(model, help);
      signal.addEventListener("abort", () => timeline?.close());
      time.replaceChildren(timeline.root);
      if (at) timeline.filter(at);
      timelineCard.dataset.state = "ready";
      performance.mark(`zctrace-timeline-${run.number}`);
    },
    (error: unknown) => {
      status.textContent = say("page_damaged", String(error));
      timelineCard.dataset.state = "failed";
    },
  );
}
