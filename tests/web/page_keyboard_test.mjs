// Everything can be reached and done without a pointer, and it can be seen where the keyboard is.
import assert from "node:assert/strict";
import test from "node:test";

import { drawn, part, sample, view, withReport } from "./browser.mjs";

const { path } = sample(600);

/** What has the focus: a number of its own, its words, whether it can be seen that it has it. */
const focused = (page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body || element === document.documentElement) return null;
    window.walked ??= new Map();
    if (!window.walked.has(element)) window.walked.set(element, window.walked.size);
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    const { width, height, top, bottom } = element.getBoundingClientRect();
    return {
      number: window.walked.get(element),
      words: element.getAttribute("aria-label") || element.textContent.trim().slice(0, 60) || element.tagName,
      visible: (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none",
      onScreen: width + height > 0 && bottom > 0 && top < innerHeight,
    };
  });

async function walk(page, key = "Tab") {
  const stops = [];
  for (let i = 0; i < 500; ++i) {
    await page.keyboard.press(key);
    const stop = await focused(page);
    if (!stop || stops.some(({ number }) => number === stop.number)) return stops;
    stops.push(stop);
  }
  throw new Error("the keyboard never comes to the page's end");
}

test("Tab comes past all that can be used, and shows where it is", async () => {
  await withReport([path], async (page) => {
    const stops = await walk(page);
    for (const stop of stops) {
      assert.ok(stop.visible, `it cannot be seen that "${stop.words}" has the focus`);
      assert.ok(stop.onScreen, `"${stop.words}" has the focus, off the screen`);
    }
    const missed = await page.evaluate(() =>
      [...document.querySelectorAll("a[href], button, input, select, summary, canvas, [role=button], [tabindex='0']")]
        .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !window.walked.has(element))
        .filter((element) => !element.closest("[aria-hidden=true]")) // what the keys do elsewhere
        // Of a group of radio buttons, one is a stop; the arrow keys lead to the others.
        .filter((element) => element.type !== "radio" || !document.querySelector(`[name="${element.name}"]:checked`))
        .map((element) => element.outerHTML.slice(0, 120)),
    );
    assert.deepEqual(missed, []);
  });
});

test("Enter on an arrow shows its events, and keys go through them", async () => {
  await withReport([path], async (page) => {
    await part(page, "flow").locator('[data-edge="sender/disk/page cache/dma"]').first().focus();
    await page.keyboard.press("Enter");
    await part(page, "edge-filter").waitFor();
    await part(page, "timeline-canvas").focus();
    await page.keyboard.press("n");
    const first = await part(page, "event-details").innerText();
    assert.match(first, /disk request/);
    await page.keyboard.press("n");
    assert.notEqual(await part(page, "event-details").innerText(), first);
    const before = await view(page);
    await page.keyboard.press("Enter");
    const after = await view(page);
    assert.ok(after.to - after.from < before.to - before.from, "Enter goes near to the chosen event");
    await page.keyboard.press("Escape");
    assert.ok(await part(page, "edge-filter").isHidden());
  });
});

test("rows and their events can be gone through", async () => {
  await withReport([path], async (page) => {
    await part(page, "timeline-canvas").focus();
    const seen = new Set();
    for (let row = 0; row < 8; ++row) {
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press(".");
      seen.add(await part(page, "event-details").innerText());
    }
    assert.ok(seen.size >= 6, `${seen.size} different events in 8 rows`);
  });
});

test("help opens and closes by keys, and gives the focus back", async () => {
  await withReport([path], async (page) => {
    await part(page, "timeline-canvas").focus();
    await page.keyboard.press("?");
    assert.ok(await part(page, "help-dialog").isVisible());
    await page.keyboard.press("Escape");
    assert.ok(await part(page, "help-dialog").isHidden());
    assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), "timeline-canvas");
    await page.keyboard.press("/");
    assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), "search");
    await page.keyboard.type("kind:disk?");
    assert.ok(await part(page, "help-dialog").isHidden(), "a ? in the search is a ?");
  });
});

test("tabs follow the arrow keys", async () => {
  await withReport([path, sample(500).path], async (page) => {
    await page.getByRole("tab").first().focus();
    await page.keyboard.press("End");
    await drawn(page);
    assert.equal(await page.getByRole("tab").last().getAttribute("aria-selected"), "true");
    await page.keyboard.press("ArrowRight");
    assert.equal(await page.getByRole("tab").first().getAttribute("aria-selected"), "true");
  });
});
