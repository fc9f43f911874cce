// A million events: all are counted, drawn and found. How fast that is, bench/page measures.
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import test from "node:test";

import { count, drawn, launch, open, part, report, sample, unpacked, view } from "./browser.mjs";

const EVENTS = 1_000_000;

test("a million events are opened, drawn and found", async () => {
  const { path, data } = sample(EVENTS);
  const file = report([path]);
  assert.ok(statSync(file).size < statSync(path).size / 3, "the page is packed");
  for (const form of Object.values(unpacked(file, "pictures-0").en))
    for (const [name, svg] of Object.entries(form)) assert.ok(svg.length < 300_000, `${name}: ${svg.length} bytes`);
  const of = (kind) => data.events.filter((event) => event.kind === kind).length;
  const browser = await launch();
  try {
    const { page, complaints } = await open(browser, file);
    await drawn(page);
    assert.ok((await part(page, "timeline-canvas").getAttribute("aria-label")).includes(count(EVENTS)));
    const whole = await view(page);
    assert.ok(whole.to >= data.events.at(-1).t);
    for (const kind of ["syscall", "disk", "transmit"]) {
      await part(page, "search").fill(`kind:${kind}`);
      assert.equal(await part(page, "match-count").innerText(), `${count(of(kind))} matches`);
    }
    // The last one is as far as can be from what is in view.
    await part(page, "search").press("Shift+Enter");
    assert.match(await part(page, "event-details").innerText(), /eth0/);
    await part(page, "timeline-canvas").focus();
    await page.keyboard.press("Enter");
    const near = await view(page);
    assert.ok(near.from > data.run.duration_ns * 0.99 && near.to - near.from < 1_000_000);
    for (const key of ["ArrowLeft", "Shift+ArrowLeft", "-", "0"]) await page.keyboard.press(key);
    assert.deepEqual(await view(page), whole);
    assert.deepEqual(complaints, []);
  } finally {
    await browser.close();
  }
});
