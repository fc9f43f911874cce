// English and Chinese: each text of the page is in the chosen language, names apart.
import assert from "node:assert/strict";
import test from "node:test";

import { part, sample, unpacked, withReport } from "./browser.mjs";

const { path, data } = sample(600, ({ run }) => {
  run.lost = { events: 7, by_kind: { copy: 7 } };
  run.complete = false;
});

/** All that is shown or read out, but what is marked as another language's. */
const texts = (page) =>
  page.evaluate(() => {
    const found = [document.title];
    for (const element of document.querySelectorAll("body *")) {
      const foreign = element.closest("[lang]")?.lang;
      if (["SCRIPT", "STYLE", "NOSCRIPT"].includes(element.tagName) || element.closest("script, style, noscript, code, kbd")) continue;
      if (foreign && foreign !== document.documentElement.lang) continue;
      for (const name of ["aria-label", "title", "placeholder", "aria-roledescription", "alt"])
        if (element.hasAttribute(name)) found.push(element.getAttribute(name));
      for (const node of element.childNodes) if (node.nodeType === Node.TEXT_NODE) found.push(node.data);
    }
    return found.map((text) => text.trim()).filter((text) => text !== "");
  });

const wordsOf = (text) => text.match(/[A-Za-z][A-Za-z_]{2,}/g) ?? [];
// What nobody translates: units, the search's own words, names.
const NAMES = new Set(
  ("zctrace English Linux CPU DMA SVG JSON TSO KiB MiB GiB TCP NET syscall copy fault softirq disk transmit mark kind bytes " +
    "splice Esc Enter Shift Home").split(" "),
);

async function show(page) {
  for (const query of ["kind:syscall", "kind:disk", "nothing at all", "kind>1"]) {
    await part(page, "search").fill(query);
    await page.keyboard.press("Enter");
  }
  await part(page, "search").fill("");
  await part(page, "help").click();
}

test("in Chinese no English is left but names", async () => {
  await withReport([path], async (page, file) => {
    await part(page, "language").selectOption("zh");
    await page.locator('[data-state="ready"] canvas[data-to]').waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), "zh-CN");
    await show(page);
    const names = new Set([...NAMES, ...wordsOf(JSON.stringify(data))]);
    for (const text of Object.values(unpacked(file, "report").texts.zh)) for (const word of wordsOf(text)) names.add(word);
    const left = new Map();
    for (const text of await texts(page)) for (const word of wordsOf(text)) if (!names.has(word)) left.set(word, text);
    assert.deepEqual([...left], []);
  });
});

test("in English no Chinese is left but a quoted word", async () => {
  await withReport([path], async (page) => {
    await show(page);
    const left = (await texts(page)).filter((text) => /[\u3400-\u9fff]/.test(text.replaceAll("上下文切换", "")));
    assert.deepEqual(left, []);
  });
});

test("the switch changes all, and back", async () => {
  await withReport([path], async (page) => {
    const english = await texts(page);
    await part(page, "language").selectOption("zh");
    const chinese = await texts(page);
    const same = chinese.filter((text) => english.includes(text) && /[A-Za-z]{4,} [A-Za-z]{2,}/.test(text));
    assert.deepEqual(same.filter((text) => !["read + write"].includes(text)), []);
    await part(page, "language").selectOption("en");
    await page.locator('[data-state="ready"] canvas[data-to]').waitFor();
    assert.deepEqual(await texts(page), english);
  });
});

test("every text is there in both languages", async () => {
  await withReport([path], async (_page, file) => {
    const { en, zh } = unpacked(file, "report").texts;
    assert.deepEqual(Object.keys(en), Object.keys(zh));
    for (const [name, words] of Object.entries(en)) {
      assert.equal(words === "", zh[name] === "", name);
      assert.equal(words.split("{}").length, zh[name].split("{}").length, `${name}: the same number of gaps`);
    }
  });
});
