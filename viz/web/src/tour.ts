// The guided tour: a step at a time; what was measured is shown once something was predicted.
import { addressOf } from "./address";
import { el } from "./dom";
import { badge } from "./figures";
import type { Panel, Showing } from "./panel";
import { drawing, form, onForm, picture } from "./picture";
import { type Language, type Pictures, readPictures, type Report } from "./report";
import { language, say } from "./texts";
import { isRight, type Prediction, readTour, type Step, type Tour, type Value } from "./tour_data";

/** What a person said of a step, and whether its answer is shown. */
interface Said {
  prediction: Prediction;
  shown: boolean;
}

const figure = (value: Value): HTMLElement =>
  el(
    "span",
    { class: `value ${value.evidence}${value.agrees === false ? " differs" : ""}` },
    value.text,
    value.evidence === "exact" ? null : el("span", {}, " ", badge(value.evidence)),
  );

const claim = (value: Value): HTMLElement | null =>
  value.agrees === null ? null : el("span", { class: "claimed" }, say("tour_claimed_beside", String(value.claimed)));

export class TourPanel implements Panel {
  readonly name = "tour";
  private at = 0;
  private readonly said = new Map<string, Said>();
  private readonly pictures = new Map<number, Promise<Pictures>>();

  private constructor(
    private readonly report: Report,
    private readonly tour: Record<Language, Tour>,
  ) {}

  static async read(report: Report): Promise<TourPanel | null> {
    const tour = await readTour();
    return tour && new TourPanel(report, tour);
  }

  title(): string {
    return say("tour_title");
  }

  show(into: HTMLElement, { at, signal }: Showing): void {
    const asked = this.steps().findIndex((step) => step.id === at);
    if (asked >= 0) this.at = asked;
    this.draw(into, signal);
  }

  private steps(): Step[] {
    return this.tour[language()].steps;
  }

  private saidOf(step: Step): Said {
    const known = this.said.get(step.id) ?? { prediction: null, shown: step.question === null };
    this.said.set(step.id, known);
    return known;
  }

  /** Goes to another step, which the address then names. */
  private go(to: number, into: HTMLElement, signal: AbortSignal): void {
    this.at = to;
    history.pushState(null, "", addressOf(this.name, this.steps()[to]!.id));
    this.draw(into, signal);
    into.querySelector<HTMLElement>("h2")?.focus();
    into.scrollIntoView({ block: "start" });
  }

  private draw(into: HTMLElement, signal: AbortSignal): void {
    const step = this.steps()[this.at]!;
    const answer = el("div", { class: "answer", "aria-live": "polite", "data-testid": "answer" });
    const said = this.saidOf(step);
    const { recorded } = this.tour[language()];
    const reveal = (prediction: Prediction): void => {
      said.prediction = prediction;
      said.shown = true;
      this.draw(into, signal);
      into.querySelector<HTMLElement>(".outcome")?.focus();
    };
    into.replaceChildren(
      el(
        "section",
        { class: "card tour", "data-testid": "tour", "data-step": step.id, "aria-label": step.title },
        this.progress(into, signal),
        el("h2", { tabindex: -1 }, say("tour_step", String(this.at + 1), String(this.steps().length), step.title)),
        recorded ? el("p", { class: "recorded", role: "note" }, say("tour_recording", recorded)) : null,
        el("p", { class: "story" }, step.story),
        step.question && this.question(step, said, reveal),
        answer,
        this.ways(into, signal),
      ),
    );
    if (said.shown) this.fill(answer, step, said, signal);
    else this.ask(answer, step, signal);
  }

  private picturesOf(run: number): Promise<Pictures> {
    const read = this.pictures.get(run) ?? readPictures(run);
    this.pictures.set(run, read);
    return read;
  }

  /** The ways that the bytes may go: where the answer draws which they went. */
  private ask(into: HTMLElement, step: Step, signal: AbortSignal): void {
    if (step.picture === null) return;
    const place = el("div", { class: "picture", "data-testid": "asked" });
    into.replaceChildren(place);
    const read = this.picturesOf(step.picture);
    const draw = async (): Promise<void> => {
      const all = await read;
      if (!signal.aborted) place.replaceChildren(drawing(all[language()][form()].question!));
    };
    void draw();
    onForm(() => void draw(), signal);
  }

  private progress(into: HTMLElement, signal: AbortSignal): HTMLElement {
    return el(
      "ol",
      { class: "tour-steps", "aria-label": say("tour_progress") },
      ...this.steps().map((step, number) =>
        el(
          "li",
          {},
          el(
            "button",
            {
              type: "button",
              class: this.said.get(step.id)?.shown ? "seen" : undefined,
              "aria-current": number === this.at ? "step" : undefined,
              "aria-label": say("tour_step", String(number + 1), String(this.steps().length), step.title),
              title: step.title,
              click: () => this.go(number, into, signal),
            },
            String(number + 1),
          ),
        ),
      ),
    );
  }

  private question(step: Step, said: Said, reveal: (prediction: Prediction) => void): HTMLElement {
    const { text, choices } = step.question!;
    const number = el("input", { type: "number", min: 0, step: "any", inputmode: "decimal", "aria-label": say("tour_your_number"), value: said.prediction ?? undefined });
    const form = el("form", { class: "predict", "data-testid": "question" });
    const options = choices.map((choice, index) =>
      el(
        "label",
        { class: said.shown && choice.measured ? "measured" : undefined },
        el("input", { type: "radio", name: "prediction", value: index, checked: said.prediction === index, change: () => reveal(index) }),
        el("span", {}, choice.text),
        said.shown && choice.measured ? el("span", { class: "mark" }, say("tour_measured")) : null,
      ),
    );
    form.append(
      el("fieldset", {}, el("legend", {}, el("b", {}, say("tour_predict")), " ", text), ...(choices.length > 0 ? options : [number])),
      el(
        "p",
        { class: "buttons" },
        choices.length > 0 ? null : el("button", { type: "submit", class: "main" }, say("tour_check")),
        said.shown ? null : el("button", { type: "button", class: "quiet", "data-testid": "show-answer", click: () => reveal(null) }, say("tour_show")),
      ),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (number.value !== "" && number.checkValidity()) reveal(Number(number.value));
    });
    return form;
  }

  /** What was measured. */
  private fill(into: HTMLElement, step: Step, said: Said, signal: AbortSignal): void {
    const place = el("div", { class: "picture" });
    const hint = el("p", { class: "hint", id: "tour-hint" }, say("tour_flow_hint"));
    into.replaceChildren(
      ...[
        step.question && this.outcome(step, said.prediction),
        step.picture === null ? null : hint,
        step.picture === null ? null : place,
        step.figures.length > 0 && this.figures(step),
        step.table && this.table(step.table),
        ...step.why.map((text) => el("p", { class: "why" }, text)),
        step.why.length === 0 ? el("p", { class: "why weak" }, say("tour_why_unknown")) : null,
        step.runs.length > 0 && this.runs(step),
      ].filter((part) => part instanceof HTMLElement),
    );
    if (step.picture === null) return;
    const run = step.picture;
    const stem = this.report.runs[run]!.file.replace(/\.json$/, "");
    const drawPicture = async (): Promise<void> => {
      const all = await this.picturesOf(run);
      if (signal.aborted) return;
      const choose = (part: SVGElement): void => void (location.hash = addressOf(`run-${run}`, part.dataset.edge));
      place.replaceChildren(picture(all[language()][form()].flow, `${stem}-flow.svg`, { selector: "[data-edge]", hint, choose }));
    };
    void drawPicture();
    onForm(() => void drawPicture(), signal);
  }

  private outcome(step: Step, prediction: Prediction): HTMLElement {
    const { answer, choices, no_answer } = step.question!;
    if (no_answer) return el("p", { class: "outcome unknown", tabindex: -1, "data-testid": "outcome" }, say("tour_no_answer", no_answer));
    const right = prediction !== null && isRight(step.question!, prediction);
    const predicted = prediction === null ? "" : choices.length > 0 ? choices[prediction]!.text : String(prediction);
    return el(
      "div",
      { class: "outcome", tabindex: -1, "data-testid": "outcome", "data-right": prediction === null ? undefined : String(right) },
      el("p", {}, el("span", { class: "word" }, say("tour_measured")), el("b", { class: "big" }, answer.text)),
      prediction === null
        ? null
        : el("p", { class: right ? "right" : "wrong" }, el("span", { class: "word" }, say("tour_predicted")), say(right ? "tour_right" : "tour_wrong", predicted)),
      answer.agrees === null
        ? null
        : el(
            "p",
            { class: answer.agrees ? undefined : "differs", "data-testid": "claim" },
            el("span", { class: "word" }, say("tour_documents")),
            say("labelled", String(answer.claimed), say(answer.agrees ? "tour_agrees" : "tour_differs")),
          ),
    );
  }

  private figures(step: Step): HTMLElement {
    return el(
      "table",
      { class: "tour-figures", "data-testid": "tour-figures" },
      ...step.figures.map(({ label, value }) => el("tr", {}, el("th", { scope: "row" }, label), el("td", { class: "number" }, figure(value)), el("td", {}, claim(value)))),
    );
  }

  private table({ columns, rows }: NonNullable<Step["table"]>): HTMLElement {
    return el(
      "div",
      { class: "scroll", tabindex: 0, role: "group", "aria-label": say("page_comparison") },
      el(
        "table",
        { class: "tour-figures all", "data-testid": "tour-table" },
        el("thead", {}, el("tr", {}, ...[say("tour_method"), ...columns].map((text) => el("th", { scope: "col" }, text)))),
        ...rows.map((row) => el("tr", {}, el("th", { scope: "row" }, row.title), ...row.cells.map((cell) => el("td", { class: "number" }, figure(cell), cell.agrees === false ? claim(cell) : null)))),
      ),
    );
  }

  private runs(step: Step): HTMLElement {
    return el(
      "ul",
      { class: "tour-runs" },
      ...step.runs.map(({ run, title, command }) =>
        el("li", {}, el("a", { href: addressOf(`run-${run}`) }, say("tour_open_run", title)), " ", el("code", {}, command)),
      ),
    );
  }

  /** Back and on, and the score so far. */
  private ways(into: HTMLElement, signal: AbortSignal): HTMLElement {
    const last = this.steps().length - 1;
    const asked = this.steps().filter((step) => step.question?.no_answer === "" && this.said.get(step.id)?.prediction != null);
    const right = asked.filter((step) => isRight(step.question!, this.said.get(step.id)!.prediction!));
    return el(
      "div",
      { class: "tour-ways" },
      el("button", { type: "button", disabled: this.at === 0, "data-testid": "previous", click: () => this.go(this.at - 1, into, signal) }, say("tour_previous")),
      el("span", { class: "score", "data-testid": "score" }, asked.length > 0 ? say("tour_score", String(right.length), String(asked.length)) : ""),
      el("button", { type: "button", class: "main", disabled: this.at === last, "data-testid": "next", click: () => this.go(this.at + 1, into, signal) }, say("tour_following")),
    );
  }
}
