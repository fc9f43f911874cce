// 390 px wide, with a finger: nothing hangs over, all can be touched.
import assert from "node:assert/strict";
import test from "node:test";

import { drawn, note, part, sample, view, withReport } from "./browser.mjs";

const PHONE = { width: 390, height: 844, touch: true };
const long = sample(600, ({ run, ledger }) => {
  run.method = "exec";
  run.command = ["python3", "-m", "a_program_with_a_name_that_does_not_end_before_the_line_does_and_has_no_blank_in_it"];
  run.evidence.notes = [note(`https://example.org/${"x".repeat(300)}`)];
  ledger.copies[1].function = "f".repeat(200);
});
const short = sample(500);

/** What is wider than its own box and scrolls there. */
const scrolling = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll("body *")]
      .filter((element) => /auto|scroll/.test(getComputedStyle(element).overflowX) && element.scrollWidth > element.clientWidth)
      .map((element) => `${element.className}: ${element.scrollWidth} px in ${element.clientWidth}`),
  );

test("a comparison of six runs does not scroll sideways, and each cell names its run", async () => {
  await withReport([short.path, long.path, ...Array(4).fill(short.path)], async (page) => {
    await page.locator(".same summary").tap();
    await page.locator(".side-by-side .more").first().tap();
    const cells = page.locator(".side-by-side td:visible");
    assert.ok((await cells.count()) > 6);
    assert.equal(await cells.first().evaluate((cell) => getComputedStyle(cell, "::before").content !== "none" && cell.dataset.title !== ""), true);
    assert.deepEqual(await scrolling(page), []);
  }, PHONE);
});

/** What is wider than the screen and does not scroll within its own box. */
const overhanging = (page) =>
  page.evaluate(() => {
    const found = [];
    if (document.documentElement.scrollWidth > innerWidth) found.push(`page: ${document.documentElement.scrollWidth} px`);
    for (const element of document.querySelectorAll("body *:not(svg *)")) {
      const { left, right, width } = element.getBoundingClientRect();
      if (width === 0 || (right <= innerWidth + 1 && left >= -1) || !element.checkVisibility()) continue;
      let box = element.parentElement;
      while (box && !/auto|scroll|hidden/.test(getComputedStyle(box).overflowX)) box = box.parentElement;
      if (!box && getComputedStyle(element).position !== "absolute") found.push(`${element.outerHTML.slice(0, 100)}: ${left}..${right}`);
    }
    return found;
  });

for (const language of ["en", "zh"])
  test(`nothing is wider than the screen, in ${language}`, async () => {
    await withReport([short.path, long.path], async (page) => {
      for (const tab of [0, 1, 2]) {
        await page.getByRole("tab").nth(tab).tap();
        if (tab > 0) await drawn(page);
        await page.locator("svg").first().waitFor();
        assert.deepEqual(await overhanging(page), []);
      }
      await part(page, "help").tap();
      assert.deepEqual(await overhanging(page), []);
    }, { ...PHONE, options: ["--lang", language] });
  });

test("the first screen shows the verdict, the way to play it and the first copy by the CPU", async () => {
  await withReport([short.path], async (page) => {
    await drawn(page);
    const bottom = (what) => what.first().evaluate((element) => element.getBoundingClientRect().bottom);
    const order = [part(page, "verdict"), part(page, "play"), page.locator('[data-testid="flow"] [data-edge="sender/page cache/user buffer/cpu"]'), part(page, "play-speed")];
    const bottoms = await Promise.all(order.map(bottom));
    assert.deepEqual(bottoms, bottoms.toSorted((a, b) => a - b));
    assert.ok(bottoms[2] < PHONE.height, `${bottoms}`);
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.waitForFunction(() => document.querySelector('.controls [data-testid="play-speed"]'));
  }, PHONE);
});

test("what is to be touched is large enough to be hit", async () => {
  await withReport([short.path], async (page) => {
    const small = await page.evaluate(() =>
      [...document.querySelectorAll("button, select, input:not([type=radio]), label:has(input), summary")]
        .filter((element) => element.checkVisibility())
        .map((element) => [element.outerHTML.slice(0, 80), element.getBoundingClientRect()])
        .filter(([, { width, height }]) => width < 24 || height < 24)
        .map(([what, { width, height }]) => `${what}: ${width} x ${height}`),
    );
    assert.deepEqual(small, []);
  }, PHONE);
});

test("a finger zooms, pans and chooses", async () => {
  await withReport([short.path], async (page) => {
    const whole = await view(page);
    for (let i = 0; i < 3; ++i) await part(page, "zoom-in").tap();
    const near = await view(page);
    assert.ok(near.to - near.from < (whole.to - whole.from) / 4);
    const canvas = part(page, "timeline-canvas");
    await canvas.scrollIntoViewIfNeeded();
    const { x, y, width, height } = await canvas.boundingBox();
    const client = await page.context().newCDPSession(page);
    const touch = (type, ...points) => client.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([px, py]) => ({ x: px, y: py })) });
    await touch("touchStart", [x + width / 2, y + height / 2]);
    for (let i = 1; i <= 8; ++i) await touch("touchMove", [x + width / 2 - 15 * i, y + height / 2]);
    await touch("touchEnd");
    const panned = await view(page);
    assert.ok(panned.from > near.from, `${panned.from} > ${near.from}`);
    let chosen = "";
    for (let at = y + 30; at < y + height && !/Event/.test(chosen); at += 6) {
      await page.touchscreen.tap(x + width / 2, at);
      chosen = await part(page, "event-details").innerText();
    }
    assert.match(chosen, /Event/);
  }, PHONE);
});

test("an arrow of the narrow flow leads to its events", async () => {
  await withReport([short.path], async (page) => {
    await part(page, "flow").locator('[data-edge="sender/page cache/user buffer/cpu"]').first().tap();
    await part(page, "edge-filter").waitFor();
  }, PHONE);
});

test("on paper no column is cut off, and there is nothing to press", async () => {
  await withReport(Array(6).fill(short.path), async (page) => {
    await page.emulateMedia({ media: "print" });
    const table = page.locator(".scroll:has(.side-by-side)").first();
    assert.equal(await table.evaluate((each) => each.scrollWidth > each.clientWidth), false);
    await page.evaluate(() => (location.hash = "#run-0"));
    await drawn(page);
    assert.ok(await part(page, "present").isHidden());
  }, { width: 794 });
});
