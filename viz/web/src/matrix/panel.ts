// Every method over every path, a column a kernel.
import { el } from "../dom";
import { SYMBOLS } from "../flows";
import type { Panel, Showing } from "../panel";
import { type Language, readBlock, type Tone } from "../report";
import { language, say } from "../texts";

type Words = Record<Language, string>;

interface Row {
  method: string;
  path: string;
  settings: Words;
  differ: boolean;
  values: { text: Words; tone: Tone }[];
  cells: string[];
}

interface MatrixData {
  measured: string;
  kernels: { kernel: string; release: string }[];
  rows: Row[];
  beside: Words[];
  remarks: Words[];
}

const inWords = (words: Words): string => words[language()];

/** Null where the page has none. */
export async function matrixPanel(): Promise<Panel | null> {
  return document.getElementById("matrix") ? new Matrix(await readBlock<MatrixData>("matrix")) : null;
}

class Matrix implements Panel {
  readonly name = "matrix";
  private path = ""; // every one
  private differing = false;

  constructor(private readonly data: MatrixData) {}

  title(): string {
    return say("page_matrix");
  }

  show(into: HTMLElement, _: Showing): void {
    const { data } = this;
    const body = data.rows.map((row) => ({ row, line: this.line(row) }));
    const choose = (): void => {
      for (const { row, line } of body) line.hidden = (this.path !== "" && row.path !== this.path) || (this.differing && !row.differ);
      // A method is named where its rows begin.
      let last = "";
      for (const { row, line } of body.filter(({ line }) => !line.hidden)) {
        line.classList.toggle("first", row.method !== last);
        last = row.method;
      }
    };
    choose();
    into.replaceChildren(
      el("header", { class: "claims-head" }, el("h2", {}, say("page_matrix_title")), el("p", { class: "setting" }, say("matrix_heading"), " ", say("page_matrix_measured", data.measured))),
      el(
        "section",
        { class: "card", "data-testid": "matrix", "aria-label": say("page_matrix") },
        this.controls(choose),
        el(
          "div",
          { class: "scroll", tabindex: 0, role: "group", "aria-label": say("page_matrix") },
          el(
            "table",
            { class: "matrix" },
            el("caption", { class: "unseen" }, say("page_matrix_title")),
            el("thead", {}, el("tr", {}, ...this.columns().map((name) => el("th", { scope: "col" }, name)))),
            el("tbody", {}, ...body.map(({ line }) => line)),
          ),
        ),
        this.remarks(data.beside.map((line) => `◈ ${inWords(line)}`)),
        this.remarks(data.remarks.map(inWords)),
      ),
    );
  }

  private remarks(lines: string[]): HTMLElement | false {
    return lines.length > 0 && el("ul", { class: "remarks" }, ...lines.map((line) => el("li", {}, line)));
  }

  private columns(): string[] {
    return [say("matrix_method"), say("matrix_path"), ...this.data.kernels.map(({ kernel, release }) => release || kernel), say("matrix_settings")];
  }

  private controls(choose: () => void): HTMLElement {
    const paths = [...new Set(this.data.rows.map(({ path }) => path))];
    const list = el(
      "select",
      { "aria-label": say("matrix_path"), "data-testid": "matrix-path" },
      el("option", { value: "" }, say("page_matrix_any_path")),
      ...paths.map((path) => el("option", { value: path, selected: path === this.path }, path)),
    );
    list.addEventListener("change", () => {
      this.path = list.value;
      choose();
    });
    const differing = el("input", { type: "checkbox", checked: this.differing, "data-testid": "matrix-differing" });
    differing.addEventListener("change", () => {
      this.differing = differing.checked;
      choose();
    });
    return el("div", { class: "matrix-controls" }, list, this.data.kernels.length > 1 && el("label", {}, differing, " ", say("page_matrix_differ")));
  }

  private line(row: Row): HTMLTableRowElement {
    const files = this.data.kernels.flatMap(({ kernel }) => row.cells.map((cell) => `${kernel}/${cell}.json`));
    return el(
      "tr",
      { "data-method": row.method, "data-path": row.path },
      el("th", { scope: "row" }, el("span", { class: "method" }, row.method)),
      el("td", {}, row.path),
      ...row.values.map(({ text, tone }) =>
        inWords(text) === "–"
          ? el("td", { class: "number absent" }, "–")
          : el("td", { class: `number ${tone}` }, el("span", { "aria-hidden": "true" }, `${SYMBOLS[tone]} `), inWords(text)),
      ),
      el(
        "td",
        { class: "detail" },
        el("details", {}, el("summary", {}, inWords(row.settings)), el("p", {}, say("page_matrix_cells")), el("ul", {}, ...files.map((file) => el("li", {}, el("a", { href: file }, file))))),
      ),
    );
  }
}
