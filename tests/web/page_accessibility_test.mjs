// axe finds nothing serious: light and dark, English and Chinese, wide and phone, on each tab.
import assert from "node:assert/strict";
import test from "node:test";

import { axe, drawn, note, part, sample, withReport } from "./browser.mjs";

const source = axe();
const exact = sample(600);
const inferred = sample(500, ({ run, ledger }) => {
  run.method = "sendfile";
  run.evidence.copies = run.evidence.receiver_copies = "inferred";
  run.evidence.notes = [note("Nobody saw which function copied.")];
  run.lost = { events: 7, by_kind: { copy: 7 } };
  run.complete = false;
  for (const copy of ledger.copies) copy.evidence = "inferred";
});

async function check(page, where) {
  // In the page's own world its policy would forbid it.
  await page.evaluate(source);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const bad = violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${where}: ${id}: ${nodes.slice(0, 3).map(({ html, any }) => `${html.slice(0, 160)} ${any[0]?.message ?? ""}`).join("\n    ")}`);
  assert.deepEqual(bad, []);
}

for (const theme of ["light", "dark"])
  for (const language of ["en", "zh"])
    for (const [name, width, height] of [["wide", 1280, 900], ["phone", 390, 844]])
      test(`${theme}, ${language}, ${name}`, async () => {
        await withReport([exact.path, inferred.path], async (page) => {
          for (const tab of [0, 1, 2]) {
            await page.getByRole("tab").nth(tab).click();
            if (tab > 0) {
              await drawn(page);
              await part(page, "search").fill("kind:disk");
              await part(page, "next-match").click();
            }
            await page.locator("main svg").first().waitFor();
            await check(page, `tab ${tab}`);
          }
          await part(page, "flow").locator("[data-edge]").first().click();
          await part(page, "edge-filter").waitFor();
          await check(page, "arrow");
          await part(page, "help").click();
          await check(page, "help");
        }, { theme, width, height, options: ["--lang", language] });
      });
