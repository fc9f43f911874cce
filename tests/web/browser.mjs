// Debian's Chromium, driven: what every test of the page shares. Run by in_node, which sets the environment.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const require = createRequire(join(process.env.ZCTRACE_MODULES, "tests", "any.js"));
const { chromium } = require("playwright-core");
export const axe = () => readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const here = fileURLToPath(new URL(".", import.meta.url));
export const scratch = mkdtempSync(join(tmpdir(), "page-"));
const MOST = 256 << 20; // bytes that a program may print

/** What zctrace prints. Throws where it fails. */
export function zctrace(...args) {
  return execFileSync(process.env.ZCTRACE, args, {
    encoding: "utf8",
    maxBuffer: MOST,
    env: { ...process.env, LC_ALL: "C.UTF-8", LANG: "" },
  });
}

/** Runs Python code with tests/web among its modules: { status, stdout, stderr }. */
export function python(code, ...args) {
  const env = { ...process.env, PYTHONPATH: here, PYTHONDONTWRITEBYTECODE: "1" };
  return spawnSync("/usr/bin/python3", ["-c", code, ...args], { encoding: "utf8", maxBuffer: MOST, env });
}

let files = 0;
/** A file of this test's own. */
export function file(text, ending = ".json") {
  const path = join(scratch, `${++files}${ending}`);
  writeFileSync(path, text);
  return path;
}

/** A document of that many events: its file, and what is in it. */
export function bigDocument(events) {
  const path = join(scratch, `${++files}.json`);
  const made = spawnSync("/usr/bin/python3", [join(here, "big_document.py"), String(events), path], { encoding: "utf8" });
  if (made.status !== 0) throw new Error(made.stderr);
  return path;
}

/** The page of these documents, as a file. */
export function report(documents, ...options) {
  const path = join(scratch, `${++files}.html`);
  zctrace("report", ...options, ...documents, "-o", path);
  return path;
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
export async function launch({ width = 1280, height = 800, theme = "light", locale = "en-US", touch = false } = {}) {
  return chromium.launchPersistentContext(mkdtempSync(join(scratch, "profile-")), {
    executablePath: "/usr/bin/chromium",
    args: FLAGS,
    viewport: { width, height },
    colorScheme: theme,
    locale,
    hasTouch: touch,
    reducedMotion: "reduce",
  });
}

/** Opens the page in `browser` and keeps a record of what must not happen. */
export async function open(browser, path) {
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
  page.on("dialog", async (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  page.on("popup", () => complaints.push("a window was opened"));
  page.setDefaultTimeout(10_000);
  await page.goto(address, { timeout: 60_000 });
  return { page, complaints };
}
