// The flows of a traced program: all of them, sorted as asked for, readable for everybody and on a phone.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { axe, here, part, sample, withReport } from "./browser.mjs";

const program = JSON.parse(readFileSync(`${here}../golden/program.json`, "utf8"));
/** A document with events, and the flows of a program changed by `change`. */
const traced = (change = () => {}) =>
  sample(500, ({ run, ledger }) => {
    run.method = "attach";
    run.command = ["nginx:", "worker", "process"];
    run.detail = program.run.detail;
    ledger.flows = structuredClone(program.ledger.flows);
    change(ledger.flows, run);
  }).path;
const path = traced();
const flows = program.ledger.flows.list;

const rows = (page) => part(page, "flow-table").locator("tbody");
const names = (page) => rows(page).locator("th").evaluateAll((all) => all.map((each) => each.textContent));

test("each flow has a row, with its methods below it where they are several", async () => {
  await withReport([path], async (page) => {
    const first = rows(page).first();
    assert.equal(await first.locator("th").innerText(), `part-10.bin → 10.0.0.2, client of port 80\n${flows[0].from.name}\n${flows[0].to.name}`);
    // What carries less than a hundredth of the bytes waits to be asked for.
    assert.equal(await rows(page).count(), 10);
    assert.match(await part(page, "more-flows").innerText(), /Show 2 smaller flows: 4\.\d+ KiB in all/);
    await part(page, "more-flows").click();
    assert.equal(await rows(page).count(), 12);
    assert.match(await first.innerText(), /35\.0 MiB[^]*0\.00[^]*no CPU copy[^]*sendfile/);
    const mixed = rows(page).filter({ hasText: "mixed" });
    assert.equal(await mixed.count(), 1);
    assert.equal(await mixed.locator("tr.part").count(), 2);
    assert.match(await part(page, "flows").innerText(), /unattributed: [^]*20\.0 KiB in 12 copies[^]*first:10000/);
    // The documents' claims are of other things.
    assert.equal(await page.locator(".verdict .claim").count(), 0);
    assert.match(await part(page, "verdict").innerText(), /moved without a CPU copy/);
  });
});

test("a column's head sorts by it, and back, with the keyboard too", async () => {
  await withReport([path], async (page) => {
    const head = part(page, "flow-table").getByRole("columnheader", { name: "CPU copies per byte" });
    assert.equal(await head.getAttribute("aria-sort"), "none");
    await head.getByRole("button").focus();
    await page.keyboard.press("Enter");
    assert.equal(await head.getAttribute("aria-sort"), "descending");
    assert.match((await names(page))[0], /part-09/);
    await page.keyboard.press("Enter");
    assert.equal(await head.getAttribute("aria-sort"), "ascending");
    assert.match((await names(page))[0], /part-10/);
    const bytes = part(page, "flow-table").getByRole("columnheader", { name: "bytes" });
    await bytes.getByRole("button").click();
    await bytes.getByRole("button").click();
    await part(page, "more-flows").click();
    // What has one end only stays behind the others.
    assert.match((await names(page))[0], /part-01/);
    assert.match((await names(page)).at(-1), /program's memory/);
  });
});

test("a thousand flows are shown when asked for", async () => {
  const many = traced((all) => {
    const [one] = all.list;
    all.list = Array.from({ length: 1000 }, (_, i) => ({ ...one, to: { ...one.to, name: `tcp ${i}` } }));
  });
  await withReport([many], async (page) => {
    assert.equal(await rows(page).count(), 100, "though they are all of one size");
    await part(page, "more-flows").click();
    assert.equal(await rows(page).count(), 1000);
    assert.ok(await part(page, "more-flows").isHidden());
  });
});

test("names are text, whatever they hold", async () => {
  const hostile = traced((all) => {
    all.list[0].from.name = '<img src=x onerror="alert(1)">\u202e';
  });
  await withReport([hostile], async (page) => {
    assert.match((await names(page))[0], /^<img src=x onerror="alert\(1\)">\?/);
  });
});

test("what moved nothing says so", async () => {
  await withReport([traced((all) => (all.list = []))], async (page) => {
    assert.match(await part(page, "flows").innerText(), /no data flow observed/);
    assert.match(await part(page, "verdict").innerText(), /unknown/);
  });
});

for (const theme of ["light", "dark"])
  for (const language of ["en", "zh"])
    for (const width of [1280, 390])
      test(`readable for everybody: ${theme}, ${language}, ${width} px`, async () => {
        const inferred = traced((all, run) => {
          all.list[0].parts[0].copies_known = false;
          run.evidence.copies = "inferred";
        });
        await withReport([inferred], async (page) => {
          await page.evaluate(axe());
          const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
          const bad = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
          assert.deepEqual(bad.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 200)}`), []);
          assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing hangs over");
        }, { theme, width, height: 900, options: ["--lang", language] });
      });
