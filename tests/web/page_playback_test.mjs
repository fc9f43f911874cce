// The playback: by buttons and keys, in step with the timeline; at its end the counters are the ledger's.
import assert from "node:assert/strict";
import test from "node:test";

import { part, report, sample, withPage, withReport } from "./browser.mjs";

const { path, data } = sample(600);
const said = (page, id) => part(page, `play-${id}`).innerText();
const MIB = (bytes) => `${(bytes / 2 ** 20).toFixed(2)} MiB`;
const copied = data.ledger.copies.filter(({ by, side }) => by === "cpu" && side === "sender").reduce((sum, { bytes }) => sum + bytes, 0);

/** What stands beside an arrow. */
const beside = (page, edge) => part(page, "flow").locator(`[data-edge="${edge}"] text.amount`).first().textContent();

test("it plays to the end, where its counters are the ledger's", async () => {
  await withReport([path], async (page) => {
    await part(page, "play").waitFor();
    const finished = [await said(page, "switches"), await said(page, "copied")];
    assert.deepEqual(finished, [`${data.ledger.mode_switches.total} mode switches`, `copied by the CPU: ${MIB(copied)}`]);
    const arrow = await beside(page, "sender/page cache/user buffer/cpu");
    await part(page, "play-speed").selectOption("4");
    await part(page, "play").click();
    assert.equal(await part(page, "play").innerText(), "Pause");
    await page.waitForFunction(() => document.querySelector('[data-testid="play-switches"]').textContent.startsWith("3 "));
    assert.match(await beside(page, "sender/page cache/user buffer/cpu"), /64\.0 KiB/);
    assert.notEqual(await part(page, "timeline-canvas").getAttribute("data-now"), "");
    await page.waitForFunction(() => document.querySelector('[data-testid="play"]').textContent === "Play");
    assert.deepEqual([await said(page, "switches"), await said(page, "copied")], finished);
    assert.equal(await beside(page, "sender/page cache/user buffer/cpu"), arrow);
  });
});

test("keys step through the first chunk, and light its mode switches", async () => {
  await withReport([path], async (page) => {
    await part(page, "playback").focus();
    await page.keyboard.press("Home");
    const lit = async () => (await part(page, "flow").locator(".mark.lit").allTextContents()).map((text) => text.trim());
    assert.match(await said(page, "now"), /^read: user mode → kernel mode/);
    assert.deepEqual(await lit(), ["1"]);
    await page.keyboard.press("ArrowRight");
    assert.equal(await said(page, "switches"), "1 mode switch");
    await page.keyboard.press("ArrowLeft");
    assert.equal(await said(page, "switches"), "0 mode switches");
    const steps = [];
    for (let i = 0; i < 12 && (steps.length === 0 || steps.at(-1)[0] !== "4"); ++i) {
      await page.keyboard.press("ArrowRight");
      steps.push(await lit());
    }
    assert.deepEqual(steps.flat(), ["2", "3", "4"]);
    await page.keyboard.press(" ");
    assert.equal(await part(page, "play").innerText(), "Pause");
    await page.keyboard.press(" ");
    assert.equal(await part(page, "play").innerText(), "Play");
    await page.keyboard.press("f");
    await part(page, "presenting").locator("svg").waitFor(); // the picture alone
    await page.keyboard.press("Escape");
    await part(page, "flow").locator("svg").waitFor();
  });
});

test("runs race on one clock", async () => {
  const slow = sample(1200).path;
  await withPage(report([path, slow]), async (page) => {
    const places = () => part(page, "racer").locator(".place").allTextContents();
    await part(page, "race").waitFor();
    assert.deepEqual((await places()).map((text) => text.slice(0, 5)), ["No. 1", "No. 2"]);
    await part(page, "race").focus();
    await page.keyboard.press("Home");
    assert.deepEqual(await places(), ["", ""]);
    assert.match(await part(page, "racer").first().innerText(), /0 B arrived/);
    for (let i = 0; i < 40; ++i) await page.keyboard.press("ArrowRight");
    assert.deepEqual((await places()).map((text) => text.slice(0, 5)), ["No. 1", ""]);
  });
});
