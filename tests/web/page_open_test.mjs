// The page opens from disk, says what the terminal says, and asks nobody for anything.
import assert from "node:assert/strict";
import test from "node:test";

import { drawn, note, part, sample, withReport, zctrace } from "./browser.mjs";

const plain = (text) => text.replace(/\s+/g, " ").trim();
const first = sample(1000);
const inferred = sample(600, ({ run, ledger }) => {
  run.method = "sendfile";
  run.evidence.copies = "inferred";
  run.evidence.notes = [note("Nobody saw which function copied.")];
  run.lost = { events: 7, by_kind: { copy: 7 } };
  run.complete = false;
  for (const copy of ledger.copies) if (copy.by === "cpu") copy.evidence = "inferred";
});

test("the heading says what zctrace show says", async () => {
  for (const language of ["en", "zh"])
    await withReport([first.path], async (page) => {
      const shown = plain(zctrace("--lang", language, "show", first.path));
      const title = shown.slice(0, shown.search(/\d+ KiB/));
      assert.match(await page.title(), /read \+ write/);
      const heading = plain(await part(page, "verdict").locator("h2").innerText());
      assert.match(heading, /^2\.00 /);
      assert.ok(title.includes("2.00"), title);
      if (language === "en") assert.ok(title.includes(heading), `${heading}\nis not in\n${title}`);
      for (const piece of (await part(page, "verdict").locator(".setting").innerText()).split("·"))
        assert.ok(shown.includes(plain(piece)), `${piece}\nis not in\n${shown}`);
    }, { options: ["--lang", language] });
});

test("what is not exact is marked, what is missing is said", async () => {
  await withReport([inferred.path], async (page) => {
    const verdict = part(page, "verdict");
    assert.match(await verdict.locator("h2").innerText(), /^~2\.00/);
    assert.match(await verdict.innerText(), /7 events/);
    assert.match(await verdict.innerText(), /Nobody saw which function copied\./);
    const badges = part(page, "figures").locator('[data-evidence="inferred"]');
    assert.ok((await badges.count()) > 0);
    const [exact, guessed] = await Promise.all(
      ["exact", "inferred"].map((each) =>
        part(page, "figures").locator(`[data-evidence="${each}"]`).first().evaluate((badge) => {
          const { color, backgroundColor, borderStyle } = getComputedStyle(badge);
          return [color, backgroundColor, borderStyle].join();
        }),
      ),
    );
    assert.notEqual(exact, guessed);
  });
});

test("each figure of the table is the document's", async () => {
  await withReport([first.path], async (page) => {
    const { ledger } = first.data;
    const value = (id) => page.locator(`[data-figure="${id}"] .value`).innerText();
    assert.equal(await value("cpu_copies_per_byte"), "2.00");
    const rows = await page.locator("[data-figure]").evaluateAll((all) => all.map((row) => row.textContent));
    for (const number of [ledger.mode_switches.total, ledger.syscalls.read, ledger.context_switches.involuntary])
      assert.ok(rows.some((row) => row.includes(number.toLocaleString("en-US"))), `${number} is in no row`);
    for (const row of await page.locator("[data-figure]").all())
      assert.equal(await row.locator("[data-evidence]").count(), 1, await row.innerText());
  });
});

test("runs are in tabs, beside a comparison", async () => {
  await withReport([first.path, inferred.path], async (page) => {
    const tabs = page.getByRole("tab");
    assert.equal(await tabs.count(), 3);
    await part(page, "comparison").locator("svg").waitFor();
    assert.equal(await part(page, "comparison-figures").locator("table").first().locator("thead th").count(), 3);
    assert.ok((await part(page, "comparison-figures").locator("tr.differs").count()) > 0);
    await tabs.nth(1).click();
    await drawn(page);
    assert.match(await part(page, "verdict").innerText(), /read \+ write/);
    await page.keyboard.press("ArrowRight");
    await drawn(page);
    assert.match(await part(page, "verdict").innerText(), /sendfile/);
    assert.equal(await tabs.nth(2).getAttribute("aria-selected"), "true");
  });
});

test("the comparison says unknown where a run's figure is not known, and marks what was measured otherwise", async () => {
  const sendfile = sample(600, ({ ledger }) => {
    ledger.syscalls = { sendfile: ledger.syscalls.read };
  });
  const blind = sample(600, ({ run, ledger }) => {
    ledger.syscalls = {};
    run.evidence.system_calls = "none";
  });
  const later = sample(600, ({ run }) => (run.duration_ns += 1));
  await withReport([sample(600).path, sendfile.path, blind.path, later.path], async (page) => {
    const rows = part(page, "comparison-figures");
    const cells = (id) => rows.locator(`tr[data-figure="${id}"] td`);
    const value = (id, run) => cells(id).nth(run).locator(".value").innerText();
    assert.equal(await value("syscalls/read", 1), "-");
    assert.match(await cells("syscalls/read").nth(1).getAttribute("class"), /absent/);
    assert.equal(await cells("syscalls/read").nth(1).locator(".change").innerText(), "gone");
    assert.equal(await value("syscalls/read", 2), "unknown");
    assert.equal(await value("duration_ns", 3), await value("duration_ns", 0)); // as it is displayed
    assert.match(await rows.locator('tr[data-figure="duration_ns"]').getAttribute("class"), /differs/);
    assert.match(await cells("duration_ns").nth(3).getAttribute("class"), /differs/);
    assert.equal(await rows.locator('tr.differs[data-figure="payload_bytes"]').count(), 0);
    assert.doesNotMatch(await rows.innerText(), /–\s*$/m);
  });
});

test("where events are missing, no gap between calls is shown as user mode", async () => {
  const lossy = sample(1000, ({ run }) => (run.lost = { events: 1, by_kind: { syscall: 1 } }));
  const heights = [];
  for (const { path } of [first, lossy])
    await withReport([path], async (page) => heights.push((await part(page, "timeline-canvas").boundingBox()).height));
  assert.ok(heights[1] < heights[0], `${heights}`); // the modes' bands are gone
});
