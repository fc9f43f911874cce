// What a run cost the CPU: sentences, the flame graph by mouse and keyboard, the routines, and the stacks to download.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { axe, part, sample, withReport, zctrace } from "./browser.mjs";

const ROUTINES = [["do_syscall_64", "other", 0, 0], ["filemap_read", "other", 30, 0], ["rep_movs_alternative", "copy", 60, 25],
                  ["tcp_sendmsg_locked", "other", 10, 0], ["[libc.so.6]", "program", 5, 0]];
const STACKS = [["sender", 60, [0, 1, 2]], ["sender", 30, [0, 1]], ["receiver", 25, [0, 2]], ["sender", 10, [0, 3]]];

/** 105 samples of the sender, of which 5 are of a stack that was not kept. */
function costly({ run, ledger }) {
  run.method = "read_write";
  run.kernel.where = "lab";
  const side = (samples, copies, program) => ({ cpu_time_ns: samples * 250_000, samples, copy_samples: copies, transform_samples: 0,
    program_samples: program, copy_share: copies / samples, copy_share_error: 0.1, pmu: null });
  ledger.cpu_cost = { evidence: "sampled", hz: 4000, passes: 2, bytes: 8 << 20, lost: 0, sender: side(105, 60, 5), receiver: side(25, 25, 0),
    routines: ROUTINES.map(([name, work, sender, receiver]) => ({ name, work, sender, receiver })),
    stacks: STACKS.map(([where, samples, frames]) => ({ side: where, samples, frames })), cut: { stacks: 1, sender: 5, receiver: 0 } };
}
const { path } = sample(200, costly);
const bar = (page, name) => part(page, "cpu").getByRole("treeitem", { name: new RegExp(`^${name}`) });

test("each bar is as wide as its part of the samples, and what is zoomed takes it all", async () => {
  await withReport([path], async (page) => {
    assert.match(await part(page, "cpu").innerText(), /57% ± \d+ in copy routines.*105 samples in 2 passes.*emulated processor/s);
    const width = async (name) => (await bar(page, name).boundingBox()).width;
    const all = await width("sender");
    for (const [name, samples] of [["do_syscall_64", 100], ["filemap_read", 90], ["rep_movs_alternative \\(copy\\)", 60], ["rare stacks", 5]])
      assert.ok(Math.abs((await width(name)) / all - samples / 105) < 0.01, name);
    await bar(page, "filemap_read").click();
    assert.ok(Math.abs((await width("filemap_read")) / all - 1) < 0.01);
    assert.ok(Math.abs((await width("rep_movs_alternative")) / all - 60 / 90) < 0.01);
    assert.equal(await bar(page, "tcp_sendmsg_locked").count(), 0);
    assert.match(await part(page, "flame-told").innerText(), /^filemap_read \(kernel\): 90 of 105 samples \(86%\), 30 in it itself/);
    await part(page, "flame-all").click();
    assert.equal(await bar(page, "tcp_sendmsg_locked").count(), 1);
  });
});

test("the keyboard goes through it, and axe finds nothing", async () => {
  for (const theme of ["light", "dark"])
    await withReport([path], async (page) => {
      await bar(page, "sender").focus();
      for (const key of ["ArrowDown", "ArrowDown", "ArrowRight"]) await page.keyboard.press(key);
      assert.match(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), /^tcp_sendmsg_locked/);
      await page.keyboard.press("Enter");
      assert.equal(await bar(page, "filemap_read").count(), 0);
      await page.keyboard.press("Escape");
      assert.match(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), /^sender/);
      await page.evaluate(axe());
      const { violations } = await page.evaluate(() => window.axe.run('[data-testid="cpu"]'));
      assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), []);
    }, { theme });
});

test("the receiver has a graph of its own, in Chinese too, and the stacks are those of the export", async () => {
  await withReport([path], async (page) => {
    const download = page.waitForEvent("download");
    await part(page, "download-folded").click();
    assert.equal(readFileSync(await (await download).path(), "utf8"), zctrace("export", path, "--format", "folded"));
    await part(page, "language").selectOption("zh");
    await part(page, "cpu-side").getByText("接收端").click();
    assert.equal(await bar(page, "filemap_read").count(), 0);
    assert.match(await part(page, "flame-told").innerText(), /^接收端：25 \/ 25 个样本/);
    assert.match(await part(page, "cpu-routines").innerText(), /rep_movs_alternative\s+拷贝\s+25\s+100%/);
  }, { width: 390 });
});

test("without samples there is no such card", async () => {
  await withReport([sample(200).path], async (page) => assert.equal(await part(page, "cpu").count(), 0));
});
