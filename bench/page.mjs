// How long the page takes: from opening it to the drawn timeline, and for each frame while the timeline is dragged.
import { statSync } from "node:fs";
import { pathToFileURL } from "node:url";

import { drawn, launch, part, report, sample } from "../tests/web/browser.mjs";

const events = Number(process.argv[2] ?? 1_000_000);
const ROUNDS = 3;
const FRAMES = 100;

const at = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
const tell = (what, values, unit) => {
  const sorted = [...values].sort((a, b) => a - b);
  console.log(`${what.padEnd(28)} median ${at(sorted, 0.5).toFixed(1)} ${unit}, 95th ${at(sorted, 0.95).toFixed(1)}, worst ${sorted.at(-1).toFixed(1)}`);
};

/** The time of each frame while the keys move the view, by the browser's own clock: what happens, until it is drawn. */
const frames = (page, key) =>
  page.evaluate(async ([name, number]) => {
    const canvas = document.querySelector("canvas");
    const times = [];
    for (let i = 0; i < number; ++i) {
      await new Promise((done) => requestAnimationFrame(done));
      const began = performance.now();
      const back = i % 20 >= 10;
      canvas.dispatchEvent(new KeyboardEvent("keydown", { key: back ? name[1] : name[0], bubbles: true }));
      // The page draws in the next frame; what comes after that frame's work is past it.
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      times.push(performance.now() - began);
    }
    return times;
  }, [key, FRAMES]);

const { path } = sample(events);
const began = performance.now();
const file = report([path]);
console.log(`${events.toLocaleString("en-US")} events: zctrace report ${((performance.now() - began) / 1000).toFixed(1)} s, page ${(statSync(file).size / 2 ** 20).toFixed(1)} MiB`);

const opened = [];
for (let round = 0; round < ROUNDS; ++round) {
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.goto(pathToFileURL(file).href);
    await drawn(page);
    // The page marks the moment itself, so the driver's own polling is not in the figure.
    opened.push(await page.evaluate(() => performance.getEntriesByName("zctrace-timeline-0")[0].startTime / 1000));
    if (round < ROUNDS - 1) continue;
    tell("opening, until drawn", opened, "s");
    await part(page, "timeline-canvas").focus();
    for (let i = 0; i < 2; ++i) await page.keyboard.press("+");
    for (const [name, zoom] of [["panning, a quarter in view", 0], ["panning, a part in 100", 5], ["panning, a part in 10,000", 6]]) {
      for (let i = 0; i < zoom; ++i) await page.keyboard.press("+");
      tell(name, await frames(page, ["ArrowRight", "ArrowLeft"]), "ms a frame");
    }
    await page.keyboard.press("0");
    tell("zooming from all of it", await frames(page, ["+", "-"]), "ms a frame");
  } finally {
    await browser.close();
  }
}
