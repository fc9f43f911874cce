// Light and dark: the whole page changes, its canvas and its diagrams with it.
import assert from "node:assert/strict";
import test from "node:test";

import { part, sample, view, withReport } from "./browser.mjs";

const { path } = sample(600);

const looks = async (page) => {
  await view(page);
  return page.evaluate(() => {
    const bright = (colour) => colour.match(/[\d.]+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 3;
    const canvas = document.querySelector("canvas");
    const ground = (element) => {
      for (let each = element; each; each = each.parentElement) {
        const { backgroundColor } = getComputedStyle(each);
        if (!/, 0\)|transparent/.test(backgroundColor)) return bright(backgroundColor);
      }
      return 255;
    };
    const words = document.querySelector('[data-testid="flow"] svg text');
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0);
    const pixels = copy.getImageData(0, 0, canvas.width, canvas.height).data;
    const histogram = new Map();
    for (let i = 0; i < pixels.length; i += 4) {
      const grey = Math.round((pixels[i] + pixels[i + 1] + pixels[i + 2]) / 3);
      histogram.set(grey, (histogram.get(grey) ?? 0) + 1);
    }
    return {
      ground: ground(document.querySelector("main")),
      ink: bright(getComputedStyle(document.querySelector("h1")).color),
      canvas: [...histogram].sort((a, b) => b[1] - a[1])[0][0],
      diagram: bright(getComputedStyle(words).fill),
    };
  });
};

const light = ({ ground, ink, canvas, diagram }) => ground > 200 && ink < 120 && canvas > 180 && diagram < 140;
const dark = ({ ground, ink, canvas, diagram }) => ground < 70 && ink > 140 && canvas < 90 && diagram > 120;

test("the switch turns it dark and light", async () => {
  await withReport([path], async (page) => {
    const told = JSON.stringify(await looks(page));
    assert.ok(light(JSON.parse(told)), told);
    await part(page, "theme").selectOption("dark");
    assert.ok(dark(await looks(page)), JSON.stringify(await looks(page)));
    await part(page, "theme").selectOption("light");
    assert.ok(light(await looks(page)), JSON.stringify(await looks(page)));
  });
});

test("at first it is as the viewer's system has it", async () => {
  await withReport([path], async (page) => {
    assert.ok(dark(await looks(page)), JSON.stringify(await looks(page)));
    await page.emulateMedia({ colorScheme: "light" });
    assert.ok(light(await looks(page)), "it follows the system's change");
  }, { theme: "dark" });
});
