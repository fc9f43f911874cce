// The timeline: zoom, pan, what the pointer rests on, search.
import assert from "node:assert/strict";
import test from "node:test";

import { count, part, sample, view, withReport } from "./browser.mjs";

const { path, data } = sample(3000);
const { events } = data;
const folded = events.flatMap((event) => (event.copies ?? []).map((copy) => ({ ...copy, kind: "copy", event })));
const length = ({ from, to }) => to - from;

async function box(page) {
  await part(page, "timeline-canvas").scrollIntoViewIfNeeded();
  return part(page, "timeline-canvas").boundingBox();
}

test("wheel, buttons and keys zoom", async () => {
  await withReport([path], async (page) => {
    const whole = await view(page);
    assert.ok(whole.from <= 0 && whole.to >= events.at(-1).t, "all events are in view at first");
    const { x, y, width, height } = await box(page);
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.wheel(0, -400);
    const wheeled = await view(page);
    assert.ok(length(wheeled) < length(whole) * 0.9);
    await part(page, "zoom-in").click();
    const nearer = await view(page);
    assert.ok(length(nearer) < length(wheeled) * 0.9);
    await part(page, "zoom-out").click();
    assert.ok(Math.abs(length(await view(page)) / length(wheeled) - 1) < 0.01);
    await part(page, "fit").click();
    assert.deepEqual(await view(page), whole);
    await part(page, "timeline-canvas").focus();
    await page.keyboard.press("+");
    assert.ok(length(await view(page)) < length(whole) * 0.9);
    await page.keyboard.press("0");
    assert.deepEqual(await view(page), whole);
  });
});

test("what is under the pointer stays there while the wheel zooms", async () => {
  await withReport([path], async (page) => {
    const { x, y, width, height } = await box(page);
    await page.mouse.move(x + width - 1, y + height / 2);
    const before = await view(page);
    await page.mouse.wheel(0, -300);
    const after = await view(page);
    assert.ok(Math.abs(after.to - before.to) < length(before) * 0.01);
    assert.ok(after.from > before.from + length(before) * 0.1);
  });
});

test("drag and arrow keys pan, and stop at the run's ends", async () => {
  await withReport([path], async (page) => {
    for (let i = 0; i < 4; ++i) await part(page, "zoom-in").click();
    const before = await view(page);
    const { x, y, width, height } = await box(page);
    await page.mouse.move(x + width / 2, y + height - 20);
    await page.mouse.down();
    await page.mouse.move(x + width / 2 - 200, y + height - 20, { steps: 5 });
    await page.mouse.up();
    const dragged = await view(page);
    assert.ok(dragged.from > before.from, "dragged to the left, later times come");
    assert.ok(Math.abs(length(dragged) / length(before) - 1) < 0.01);
    await part(page, "timeline-canvas").focus();
    await page.keyboard.press("ArrowLeft");
    assert.ok((await view(page)).from < dragged.from);
    for (let i = 0; i < 30; ++i) await page.keyboard.press("Shift+ArrowRight");
    const last = await view(page);
    assert.ok(last.to >= events.at(-1).t && last.to < events.at(-1).t * 1.1);
  });
});

test("the pointer shows the event that it rests on", async () => {
  await withReport([path], async (page) => {
    // The first disk request, found by search: it is chosen, and its row is where it is marked.
    const disk = events.find((event) => event.kind === "disk");
    await part(page, "search").fill("kind:disk");
    await part(page, "next-match").click();
    await part(page, "timeline-canvas").focus();
    await page.keyboard.press("Enter");
    await part(page, "search").fill("");
    const { x, y, width, height } = await box(page);
    let shown = "";
    for (let at = y + 20; at < y + height && !shown.includes(`${count(disk.dur)} ns`); at += 5) {
      await page.mouse.move(x + width * 0.55, at);
      shown = await part(page, "tooltip").innerText();
    }
    for (const piece of ["disk request", `${count(disk.t)} ns`, `${count(disk.dur)} ns`, `${count(disk.bytes)} B`, "sender", String(disk.task)])
      assert.ok(shown.includes(piece), `${piece} is not in ${shown}`);
  });
});

test("search finds what the document holds", async () => {
  const matches = (test) => events.filter(test).length;
  const words = {
    "kind:syscall": matches(({ kind }) => kind === "syscall"),
    "kind:copy": folded.length,
    "kind:transmit side:sender": matches(({ kind }) => kind === "transmit"),
    'from:"page cache"': folded.filter((copy) => copy.from === "page cache").length,
    "_copy_to_iter side:receiver": folded.filter((copy) => copy.function === "_copy_to_iter" && copy.event.side === "receiver").length,
    "kind:disk bytes>=128KiB": matches(({ kind, bytes }) => kind === "disk" && bytes >= 131072),
    "kind:syscall dur>90us": matches(({ kind, dur }) => kind === "syscall" && dur > 90000),
    "kind:off_cpu task:174": matches(({ kind, task }) => kind === "off_cpu" && task === 174),
  };
  await withReport([path], async (page) => {
    for (const [query, expected] of Object.entries(words)) {
      await part(page, "search").fill(query);
      assert.equal(await part(page, "match-count").innerText(), expected === 1 ? "1 match" : `${count(expected)} matches`, query);
    }
    await part(page, "search").fill("kind:disk");
    await page.keyboard.press("Enter");
    assert.match(await part(page, "match-count").innerText(), /^1 of /);
    assert.match(await part(page, "event-details").innerText(), /disk request/);
    await page.keyboard.press("Shift+Enter");
    assert.equal(await part(page, "match-count").innerText(), `${words["kind:disk bytes>=128KiB"]} of ${words["kind:disk bytes>=128KiB"]}`);
    for (const nothing of ["no such thing", "__proto__", "(*+?[", "</script>"]) {
      await part(page, "search").fill(nothing);
      assert.equal(await part(page, "match-count").innerText(), "no match");
    }
    for (const wrong of ["kind>5", "bytes:many", 'kind:"', "t>="]) {
      await part(page, "search").fill(wrong);
      assert.match(await part(page, "match-count").innerText(), /cannot parse|no match/);
    }
    await page.keyboard.press("Escape");
    assert.equal(await part(page, "match-count").innerText(), "");
  });
});
