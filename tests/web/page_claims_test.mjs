// The claims: what came of them, and the way from a claim to what shows it and back.
import assert from "node:assert/strict";
import { mkdtempSync, renameSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { axe, claimsPage, drawn, part, sample, scratch, unpacked, withPage, zctrace } from "./browser.mjs";

const { path, alone } = claimsPage("mmap_write", "read_write", "sendfile");
const { claims } = unpacked(path, "claims");
const source = axe();
const CACHE = "sender/page cache/user buffer/cpu";

const row = (page, document, id) => part(page, `document-${document}`).locator(`tbody[data-claim="${id}"]`);
const toggle = (page, document, id) => row(page, document, id).getByRole("button", { name: id });
const selected = (page) => page.getByRole("tab", { selected: true }).innerText();
// A click is answered a little later.
const opened = (page, name) => page.getByRole("tab", { selected: true, name }).waitFor();
const address = (page) => decodeURIComponent(new URL(page.url()).hash);
const onScreen = (locator) =>
  locator.evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  });

test("the page opens with the claims, and counts their verdicts", async () => {
  await withPage(path, async (page) => {
    assert.equal(await selected(page), "Claims");
    for (const verdict of ["holds", "holds_if", "does_not_hold", "self_contradictory", "not_tested"]) {
      const n = claims.filter((claim) => claim.verdict === verdict).length;
      assert.match(await part(page, `only-${verdict}`).innerText(), new RegExp(`\\b${n}\\b`));
    }
    for (const { verdict, id } of claims)
      for (const mark of await page.locator(`tbody[data-claim="${id}"] [data-verdict]`).all())
        assert.equal(await mark.getAttribute("data-verdict"), verdict);
    assert.equal(await page.locator(".tile").count(), 9, "a tile for each claim of each document");
  });
});

test("each document's table says what is claimed, measured, judged and why", async () => {
  await withPage(path, async (page) => {
    const says = await row(page, "000", "S1").innerText();
    for (const text of ["CPU copies per byte", "0.00 scatter-gather on", "1.00 scatter-gather off", "holds if", "scatter-gather is off", "gathers the pages"])
      assert.ok(says.includes(text), `${text}\nis not in\n${says}`);
    assert.match(await row(page, "000", "M1").innerText(), /~3\.12/);
    assert.match(await row(page, "000", "M1").locator("del").textContent(), /^Claimed: 4$/);
    assert.equal(await row(page, "000", "T1").locator("del").count(), 0);
    assert.match(await row(page, "004", "W5").innerText(), /unknown[\s\S]*not tested[\s\S]*The sizes were not swept here/);
    assert.equal(await row(page, "000", "W5").count(), 0, "a claim that this document does not make");
  });
});

test("what else is said stands beside the textbooks, with who says it", async () => {
  await withPage(path, async (page) => {
    const section = part(page, "document-005");
    assert.equal(await section.getByRole("heading").innerText(), "What else is said");
    const source = row(page, "005", "O2").locator("a.source");
    assert.equal(await source.innerText(), "Kernel TLS and sendfile, a blog, 2021");
    assert.equal(await source.getAttribute("href"), "https://example.org/kernel-tls");
    assert.match(await row(page, "005", "O2").innerText(), /holds[\s\S]*AES-GCM by the CPU transforms/);
    assert.equal(await part(page, "document-000").locator("a.source").count(), 0);
  });
});

test("verdicts look different without colour", async () => {
  await withPage(path, async (page) => {
    const looks = await page.locator(".tally button").evaluateAll((all) =>
      all.map((button) => button.querySelector(".symbol").textContent),
    );
    assert.equal(new Set(looks).size, looks.length);
    const strong = await part(page, "only-does_not_hold").evaluate((button) => getComputedStyle(button).backgroundColor);
    const calm = await part(page, "only-holds").evaluate((button) => getComputedStyle(button).backgroundColor);
    const luma = (colour) => colour.match(/\d+/g).slice(0, 3).reduce((sum, each, i) => sum + each * [0.3, 0.59, 0.11][i], 0);
    assert.ok(Math.abs(luma(strong) - luma(calm)) > 80, `${strong}, ${calm}`);
  });
});

test("a claim opens in place and shows how it was judged", async () => {
  await withPage(path, async (page) => {
    const details = row(page, "000", "S1").locator(".more");
    assert.ok(await details.isHidden());
    await toggle(page, "000", "S1").click();
    const says = await details.innerText();
    for (const text of ["scatter-gather on", "scatter-gather off", "CPU copies per byte", "0.00", "1 ± 10 %", "exact", "agrees", "differs"])
      assert.ok(says.includes(text), `${text}\nis not in\n${says}`);
    assert.equal(address(page), "#S1");
    await page.reload();
    assert.ok(await details.isVisible(), "the address opens it again");
    await toggle(page, "000", "S1").click();
    assert.ok(await details.isHidden());
    await toggle(page, "004", "W5").click();
    assert.match(await row(page, "004", "W5").locator(".more").innerText(), /no run of that size/);
    assert.equal(await row(page, "004", "W5").getByRole("link").count(), 0, "an experiment that is no run has no link");
  });
});

test("a link leads to the arrow that shows the claim, and back leads to the claim", async () => {
  await withPage(path, async (page) => {
    await toggle(page, "000", "T1").click();
    await row(page, "000", "T1").locator(".parts").getByRole("link", { name: "CPU copy page cache → user buffer" }).click();
    await opened(page, /^read \+ write/);
    await drawn(page);
    const arrow = part(page, "flow").locator(`[data-edge="${CACHE}"]`).first();
    assert.equal(await arrow.getAttribute("aria-current"), "true");
    assert.ok(await onScreen(arrow));
    const faded = part(page, "flow").locator('[data-edge="sender/disk/page cache/dma"]').first();
    assert.ok((await faded.evaluate((edge) => Number(getComputedStyle(edge).opacity))) < 0.5);
    assert.match(await part(page, "marked").innerText(), /CPU copy page cache → user buffer/);
    assert.match(await part(page, "edge-filter").innerText(), /CPU copy page cache → user buffer/);
    await page.goBack();
    assert.equal(await selected(page), "Claims");
    assert.equal(address(page), "#T1");
    assert.ok(await onScreen(toggle(page, "000", "T1")));
    assert.ok(await row(page, "000", "T1").locator(".more").isVisible());
    await page.goForward();
    await drawn(page);
    assert.equal(await arrow.getAttribute("aria-current"), "true");
  });
});

test("what a run does not show is said", async () => {
  await withPage(path, async (page) => {
    await row(page, "000", "S1").locator(".why").getByRole("link").click();
    await drawn(page);
    assert.match(await part(page, "marked").innerText(), /This run shows no reference page cache → socket buffer/);
  });
});

test("an address opens its claim, in the document that makes it", async () => {
  await withPage(path, async (page) => {
    assert.ok(await row(page, "004", "W5").locator(".more").isVisible());
    assert.ok(await onScreen(toggle(page, "004", "W5")));
  }, { at: "#W5" });
  await withPage(path, async (page) => {
    assert.ok(await row(page, "004", "M1").locator(".more").isVisible());
    assert.ok(await row(page, "000", "M1").locator(".more").isHidden());
  }, { at: "#claims/004/M1" });
  for (const at of ["#nothing", "#%", "#run-99", "#claims/004/Z9", "#toString"])
    await withPage(path, async (page) => assert.equal(await selected(page), "Claims"), { at });
});

test("a verdict's button leaves its claims only", async () => {
  await withPage(path, async (page) => {
    const ids = () => page.locator("tbody[data-claim]:visible").evaluateAll((all) => all.map((each) => each.dataset.claim));
    await part(page, "only-does_not_hold").click();
    assert.deepEqual(await ids(), ["M1", "M1"]);
    assert.match(await part(page, "claims-shown").innerText(), /1 of 6/);
    await part(page, "only-self_contradictory").click();
    assert.deepEqual(await ids(), ["S4"]);
    assert.ok(await part(page, "document-004").isHidden());
    await page.locator(".tile", { hasText: "T1" }).first().click();
    assert.equal((await ids()).length, 9, "who asks for a hidden claim sees it");
    await part(page, "only-holds").click();
    await part(page, "only-holds").click();
    assert.equal((await ids()).length, 9);
  });
});

test("a document's own table strikes through what is not so", async () => {
  await withPage(path, async (page) => {
    const table = part(page, "redrawn-004");
    const cells = (id) => table.locator(`[data-row="${id}"] td`);
    assert.equal(await table.locator("del").count(), 1);
    assert.equal((await cells("M1").nth(1).innerText()).replace(/\s+/g, " "), "3.12 Claimed: 4");
    assert.equal(await cells("M1").nth(1).locator("del").textContent(), "Claimed: 4");
    assert.match(await cells("M1").nth(2).innerText(), /unknown/);
    assert.equal(await cells("T1").nth(2).locator("del").count(), 0);
    await cells("T1").nth(2).getByRole("link", { name: "2.00" }).click();
    await opened(page, /^read \+ write/);
    await page.goBack();
    assert.equal(address(page), "#claims/004/T1");
  });
});

test("kernels are compared where there are several, and what differs comes first", async () => {
  await withPage(path, async (page) => {
    const rows = part(page, "kernels").locator("tr.differs");
    assert.equal(await rows.count(), 1);
    assert.match(await rows.innerText(), /M1[\s\S]*does not hold[\s\S]*holds[\s\S]*4\.00 switches/);
    await part(page, "kernels").locator("summary").click();
    assert.equal(await part(page, "kernels").locator('[data-claim="S4"] .absent').count(), 1);
  });
  await withPage(alone, async (page) => assert.equal(await part(page, "kernels").count(), 0));
});

test("the language changes in place, what is open stays so", async () => {
  await withPage(path, async (page) => {
    await toggle(page, "000", "T1").click();
    await part(page, "only-holds").click();
    await part(page, "language").selectOption("zh");
    assert.equal(await selected(page), "论断");
    assert.match(await row(page, "000", "T1").innerText(), /成立[\s\S]*每一块读一次、写一次/);
    assert.ok(await row(page, "000", "T1").locator(".more").isVisible());
    assert.ok(await row(page, "000", "M1").isHidden());
    assert.match(await part(page, "redrawn-004").innerText(), /总结[\s\S]*模式切换/);
  });
});

test("all of it can be reached and done by keys", async () => {
  await withPage(path, async (page) => {
    await toggle(page, "000", "M1").focus();
    await page.keyboard.press("Enter");
    assert.ok(await row(page, "000", "M1").locator(".more").isVisible());
    await row(page, "000", "M1").locator(".why").getByRole("link").focus();
    await page.keyboard.press("Enter");
    await drawn(page);
    assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), "flow");
    await page.goBack();
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "M1");
  });
});

test("the page says what zctrace claims says", async () => {
  const folder = mkdtempSync(join(scratch, "results-"));
  renameSync(sample(600).path, join(folder, "read_write.json"));
  const made = join(folder, "claims.html");
  const { claims: said } = JSON.parse(zctrace("claims", "--from", folder, "--json", "--report", made));
  assert.ok(said.length > 30);
  await withPage(made, async (page) => {
    assert.equal(await selected(page), "Claims");
    for (const { id, verdict } of said)
      assert.equal(await page.locator(`tbody[data-claim="${id}"] [data-verdict]`).first().getAttribute("data-verdict"), verdict, id);
    assert.equal(await part(page, "redrawn-004").locator('[data-row="T1"] td').nth(2).innerText(), "2.00");
    await part(page, "redrawn-004").getByRole("link", { name: "2.00" }).click();
    await drawn(page);
    await opened(page, "read + write");
  });
});

test("a table that scrolls sideways does not widen the page, and on paper a claim has room", async () => {
  await withPage(path, async (page) => {
    assert.notEqual(await page.locator(".scroll > .redrawn del").count(), 0);
    await page.addStyleTag({ content: "@media screen { .redrawn { width: 1500px } }" });
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
    await page.emulateMedia({ media: "print" });
    const narrowest = await page.evaluate(() => Math.min(...[...document.querySelectorAll(".claims .statement")].map((each) => each.clientWidth)));
    assert.ok(narrowest > 300, `${narrowest} px`);
  }, { width: 794 });
});

for (const theme of ["light", "dark"])
  for (const [name, width] of [["wide", 1280], ["phone", 390]])
    test(`axe finds nothing serious, nothing hangs over: ${theme}, ${name}`, async () => {
      await withPage(path, async (page) => {
        for (const language of ["en", "zh"]) {
          await part(page, "language").selectOption(language);
          if (await row(page, "000", "S1").locator(".more").isHidden()) await toggle(page, "000", "S1").click();
          await part(page, "kernels").locator("summary").click();
          await page.evaluate(source);
          const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
          const bad = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
          assert.deepEqual(bad.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 160)} ${nodes[0].any[0]?.message ?? ""}`), []);
          assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
          const cut = await page.evaluate(() =>
            [...document.querySelectorAll(".claims *, .tally *, .map *")]
              .filter((element) => element.checkVisibility() && !element.closest(".unseen"))
              .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
              .map((element) => element.outerHTML.slice(0, 100)),
          );
          assert.deepEqual(cut, []);
        }
      }, { theme, width, height: 844 });
    });
