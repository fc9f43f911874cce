import "./style.css";
import "./tour.css";
import "./claims/style.css";
import "./matrix/style.css";
import "./flows.css";
import "./cpu/style.css";
import "./playback/style.css";
import { App } from "./app";
import { el } from "./dom";
import { panels } from "./panels";
import { readReport } from "./report";
import { useTexts } from "./texts";
import { chooseTheme } from "./theme";
import { canUnpack } from "./unpack";

chooseTheme("auto");

const fail = (message: string): void => document.body.append(el("p", { class: "failure", role: "alert" }, message));

// Before the report is unpacked there is no table of texts: what may have to be said until then zctrace has written here.
const { damaged, needsNewer } = document.getElementById("unread")!.dataset;

if (canUnpack()) {
  readReport()
    .then(async (report) => {
      useTexts(report.texts, report.language);
      new App(report, await panels(report));
    })
    .catch((error: unknown) => fail(damaged!.replace("{}", String(error))));
} else {
  fail(needsNewer!);
}
