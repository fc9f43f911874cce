// Debian's Chromium, driven: what every test of the page shares. Run by in_node, which sets the environment.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";

const require = createRequire(join(process.env.ZCTRACE_MODULES, "tests", "any.js"));
const { chromium } = require("playwright-core");
export const axe = () => readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const here = fileURLToPath(new URL(".", import.meta.url));
export const scratch = mkdtempSync(join(tmpdir(), "page-"));
const MOST = 256 << 20; // bytes that a program may print
const PATIENCE = 300_000; // ms that nothing takes, however busy the machine is

/** What zctrace prints. Throws where it fails. */
export function zctrace(...args) {
  return execFileSync(process.env.ZCTRACE, args, {
    encoding: "utf8",
    maxBuffer: MOST,
    env: { ...process.env, LC_ALL: "C.UTF-8", LANG: "" },
  });
}

/** Runs Python code with tests/web among its modules; returns what it prints, throws what it throws. */
export function python(code, ...args) {
  const env = { ...process.env, PYTHONPATH: here, PYTHONDONTWRITEBYTECODE: "1" };
  const ran = spawnSync("/usr/bin/python3", ["-c", code, ...args], { encoding: "utf8", maxBuffer: MOST, env });
  if (ran.status !== 0) throw new Error(ran.stderr);
  return ran.stdout;
}

let files = 0;
/** A file of this test's own. */
export function file(text, ending = ".json") {
  const path = join(scratch, `${++files}${ending}`);
  writeFileSync(path, text);
  return path;
}

/** A document of that many events, changed by `change`: its path, and what is in it. */
export function sample(events, change = () => {}) {
  const path = file("");
  const made = spawnSync("/usr/bin/python3", ["-B", join(here, "big_document.py"), String(events), path], { encoding: "utf8" });
  if (made.status !== 0) throw new Error(made.stderr);
  const data = JSON.parse(readFileSync(path, "utf8"));
  change(data);
  writeFileSync(path, JSON.stringify(data));
  return { path, data };
}

/** A note of a document that is in no table of texts. */
export function note(text) {
  return { id: "verbatim", args: [text], text };
}

/** The page of these documents, as a file. */
export function report(paths, ...options) {
  const path = file("", ".html");
  zctrace("report", ...options, ...paths, "-o", path);
  return path;
}

/** A part of the page's data. */
export function unpacked(path, id) {
  const text = readFileSync(path, "utf8");
  const at = text.indexOf(">", text.indexOf(`id="${id}"`)) + 1;
  return JSON.parse(gunzipSync(Buffer.from(text.slice(at, text.indexOf("<", at)), "base64")));
}

/** Makes pages of documents that no recording has. */
export const unitTests = join(dirname(process.env.ZCTRACE), "../build-sanitize/tests/unit_tests");

/**
 * A page of claims: those of tests/unit/judgment_samples.h on two kernels, with a run that has events for each of
 * these experiments. Returns its path, and that of the same page with one kernel.
 */
export function claimsPage(...experiments) {
  const folder = mkdtempSync(join(scratch, "claims-"));
  for (const experiment of experiments) {
    const { data } = sample(600, ({ run }) => (run.method = experiment));
    writeFileSync(join(folder, `${experiment}.json`), JSON.stringify(data));
  }
  execFileSync(unitTests, ["--no-skip", "--test-case=the page for the browser"], {
    env: { ...process.env, ZCTRACE_CLAIMS: folder },
    stdio: "ignore",
  });
  return { path: join(folder, "claims.html"), alone: join(folder, "claims-alone.html") };
}

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A browser with an empty profile of its own; close() it. */
export async function launch({ width = 1280, height = 800, theme = "light", touch = false } = {}) {
  return chromium.launchPersistentContext(mkdtempSync(join(scratch, "profile-")), {
    executablePath: "/usr/bin/chromium",
    timeout: PATIENCE,
    args: FLAGS,
    viewport: { width, height },
    colorScheme: theme,
    hasTouch: touch,
    reducedMotion: "reduce",
  });
}

/** Opens a page in `browser`, at a part of it ("#P1"), and keeps a record of what must not happen. */
export async function open(browser, path, at = "") {
  const page = await browser.newPage();
  const address = pathToFileURL(path).href;
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on("request", (request) => {
    const url = request.url();
    if (url.split("#")[0] !== address && !/^(data|blob):/.test(url)) complaints.push(`request: ${url}`);
  });
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("popup", () => complaints.push("a window was opened"));
  page.setDefaultTimeout(PATIENCE);
  await page.goto(address + at);
  return { page, complaints };
}

/** Runs `act` with that page in a browser. Nothing may be amiss. */
export async function withPage(path, act, { at = "", ...browserOptions } = {}) {
  const browser = await launch(browserOptions);
  try {
    const { page, complaints } = await open(browser, path, at);
    await act(page, path);
    assert.deepEqual(complaints, []);
  } finally {
    await browser.close();
  }
}

/** The same with the report of these documents; of one, the timeline has been drawn. */
export async function withReport(paths, act, { options = [], ...browserOptions } = {}) {
  await withPage(report(paths, ...options), async (page, path) => {
    if (paths.length === 1) await drawn(page);
    await act(page, path);
  }, browserOptions);
}

export const part = (page, id) => page.getByTestId(id);

/** Waits until the timeline has been opened and drawn. */
export async function drawn(page) {
  await page.locator('[data-testid="timeline"][data-state="ready"] canvas[data-to]').waitFor();
}

/** What of the run the timeline shows: ns. Waits for the frame that shows it. */
export async function view(page) {
  return part(page, "timeline-canvas").evaluate(async (canvas) => {
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    return { from: Number(canvas.dataset.from), to: Number(canvas.dataset.to) };
  });
}

/** "1,024" */
export const count = (number) => number.toLocaleString("en-US");
