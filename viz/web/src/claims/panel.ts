// The first tab: what the documents claim, what was measured, and which claims fall.
import { addressOf } from "../address";
import { el } from "../dom";
import type { Panel, Showing } from "../panel";
import type { Report } from "../report";
import { say } from "../texts";
import { formatCount } from "../units";
import { type Claim, type ClaimsData, inWords, readClaims, type Verdict, VERDICTS } from "./data";
import { kernelMatrix, kernelWords } from "./kernels";
import { claimAddress, symbol, tally, verdictAlone } from "./marks";
import { redrawn } from "./redrawn";
import { claimTable, type Row } from "./table";

/** Null where the page has no claims. */
export async function claimsPanel(report: Report): Promise<Panel | null> {
  const data = await readClaims();
  return data && new Claims(report, data);
}

class Claims implements Panel {
  readonly name = "claims";
  private only: Verdict | null = null;
  private readonly opened = new Set<string>();

  constructor(
    private readonly report: Report,
    private readonly data: ClaimsData,
  ) {}

  title(): string {
    return say("page_claims");
  }

  holds(at: string): boolean {
    return this.data.claims.some(({ id }) => id === at);
  }

  show(into: HTMLElement, { at, arrived }: Showing): void {
    const { report, data } = this;
    const documents = data.documents.map((document) => {
      const { id, title, collected } = document;
      const claims = document.claims.map((each) => this.claim(each)).filter((claim) => claim !== undefined);
      const { table, rows } = claimTable(report, data, document, claims, this.opened);
      const heading = collected ? inWords(title) : say("page_redrawn", id, inWords(title));
      const section = el("section", { class: "card", "data-testid": `document-${id}`, "aria-label": heading }, el("h3", {}, heading), table);
      return { section, rows };
    });
    const rows = documents.flatMap((each) => each.rows);
    const shown = el("p", { class: "hint", role: "status", "data-testid": "claims-shown" });
    const filters = this.filters();
    const choose = (only: Verdict | null): void => {
      this.only = only;
      for (const [verdict, button] of filters) button.setAttribute("aria-pressed", String(verdict === only));
      for (const { claim, body } of rows) body.hidden = only !== null && claim.verdict !== only;
      for (const { section, rows: own } of documents) section.hidden = own.every(({ body }) => body.hidden);
      const count = data.claims.filter(({ verdict }) => only === null || verdict === only).length;
      shown.textContent = only === null ? "" : say("page_claims_shown", formatCount(count), formatCount(data.claims.length));
    };
    for (const [verdict, button] of filters) button.addEventListener("click", () => choose(verdict === this.only ? null : verdict));

    into.replaceChildren(
      el(
        "header",
        { class: "claims-head" },
        el("h2", {}, say("page_claims_title")),
        el("p", { class: "setting" }, say("page_claims_on", kernelWords(data.kernels[0]!)), " ", say("page_claims_own_word")),
        el("div", { role: "group", "aria-label": say("page_claims_verdicts"), class: "tally", "data-testid": "tally" }, ...filters.values()),
        shown,
      ),
      ...data.tables.map((table) => redrawn(report, data, table)),
      this.map(),
      data.kernels.length > 1 ? kernelMatrix(data) : "",
      ...documents.map(({ section }) => section),
    );
    const target = arrived && at ? rows.find(({ address }) => [addressOf(at), addressOf(this.name, at)].includes(address)) : undefined;
    choose(target && target.claim.verdict !== this.only ? null : this.only);
    if (target) this.goTo(target);
  }

  private claim(id: string): Claim | undefined {
    return this.data.claims.find((each) => each.id === id);
  }

  private goTo(row: Row): void {
    row.open(true);
    row.focus();
    row.body.scrollIntoView({ block: "start" });
  }

  /** A button for each verdict that a claim came to: its count, and a filter. */
  private filters(): Map<Verdict, HTMLButtonElement> {
    const count = tally(this.data.claims);
    const buttons = new Map<Verdict, HTMLButtonElement>();
    for (const verdict of VERDICTS) {
      const n = count.get(verdict);
      if (n === undefined) continue;
      buttons.set(
        verdict,
        el(
          "button",
          { type: "button", class: verdict, "aria-pressed": "false", "data-testid": `only-${verdict}`, style: `flex-grow:${n}` },
          el("span", { class: "number" }, symbol(verdict), formatCount(n)),
          " ",
          el("span", {}, verdictAlone(verdict)),
        ),
      );
    }
    return buttons;
  }

  /** All claims of all documents, a tile each. */
  private map(): HTMLElement {
    const tile = (claim: Claim, document: string): HTMLElement =>
      el(
        "li",
        {},
        el(
          "a",
          {
            class: `tile ${claim.verdict}`,
            href: claimAddress(this.data, claim.id, document),
            title: [inWords(claim.statement), verdictAlone(claim.verdict), inWords(claim.why)].join("\n"),
            "aria-label": `${claim.id}: ${verdictAlone(claim.verdict)}`,
          },
          symbol(claim.verdict),
          claim.id,
        ),
      );
    return el(
      "section",
      { class: "card", "data-testid": "claims-map", "aria-label": say("page_claims_map") },
      el("h3", {}, say("page_claims_map")),
      el(
        "dl",
        { class: "map" },
        ...this.data.documents.map(({ id, title, claims }) =>
          el(
            "div",
            {},
            el("dt", {}, el("b", {}, id), " ", inWords(title)),
            el("dd", {}, el("ul", {}, ...claims.map((each) => this.claim(each)).filter((claim) => claim !== undefined).map((claim) => tile(claim, id)))),
          ),
        ),
      ),
    );
  }
}
