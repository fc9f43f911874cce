// Nothing in a document becomes markup or code in the page, and no document breaks it.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { drawn, launch, open, part, python, report, sample, scratch } from "./browser.mjs";

// The same documents as for the other commands: see hostile_documents.py.
const folder = join(scratch, "hostile");
mkdirSync(folder);
python(
  `import hostile_documents as hostile, re, sys
for name, data in hostile.shown().items():
    open(sys.argv[1] + "/" + re.sub("[^a-zA-Z0-9]+", "-", name) + ".json", "wb").write(data)`,
  folder,
);
const harmless = sample(60).path;

/** How many elements of each kind that could do something there are. */
const dangerous = (page) =>
  page.evaluate(() => ({
    scripts: document.querySelectorAll("script").length,
    others: [...document.querySelectorAll("iframe, object, embed, img, foreignObject, base, [onload], [onerror], [onclick]")].map((each) => each.outerHTML.slice(0, 80)),
    away: [...document.querySelectorAll("[href], [src], [action]")]
      .map((each) => each.getAttribute("href") ?? each.getAttribute("src") ?? each.getAttribute("action"))
      .filter((to) => !/^(#|data:,|blob:)/.test(to)),
  }));

const trap = () => {
  window.trapped = [];
  for (const name of ["alert", "confirm", "prompt", "print", "open"]) window[name] = (...all) => window.trapped.push([name, ...all.map(String)]);
};

async function use(page) {
  await part(page, "search").fill("kind:syscall");
  await page.keyboard.press("Enter");
  await part(page, "timeline-canvas").hover();
  for (let i = 0; i < 3; ++i) await part(page, "zoom-in").click();
  const arrow = part(page, "flow").locator("[data-edge]").first();
  if (await arrow.count()) {
    await arrow.focus();
    await page.keyboard.press("Enter");
  }
  await part(page, "language").selectOption("zh");
}

test("odd documents are shown, and nothing of them runs", async (context) => {
  const browser = await launch();
  try {
    await browser.addInitScript(trap);
    const first = await open(browser, report([harmless]));
    await drawn(first.page);
    const scripts = (await dangerous(first.page)).scripts;
    for (const name of readdirSync(folder)) {
      await context.test(name, async () => {
        let path = "";
        try {
          path = report([join(folder, name)]);
        } catch {
          return; // refused: hostile_test.py sees how
        }
        const { page, complaints } = await open(browser, path);
        const several = await page.getByRole("tab").count();
        if (several) await page.getByRole("tab").last().click();
        await page.locator('[data-testid="timeline"]:is([data-state="ready"], :not([data-state]))').waitFor();
        if (await part(page, "timeline-canvas").count()) await use(page);
        const found = await dangerous(page);
        // What holds no events is not played, and has a block less.
        assert.ok(several || found.scripts <= scripts, `${found.scripts} scripts`);
        assert.deepEqual([found.others, found.away], [[], []]);
        assert.deepEqual(await page.evaluate(() => window.trapped), []);
        assert.deepEqual(complaints, []);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "it hangs over");
        await page.close();
      });
    }
  } finally {
    await browser.close();
  }
});
