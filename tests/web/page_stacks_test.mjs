// Which code copied: the heaviest stacks in words, a flame graph as wide as the bytes, and the stacks to download.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { axe, part, sample, withReport, zctrace } from "./browser.mjs";

const MiB = 1 << 20;

/** A program that copied 8 MiB: 6 of them by functions that are known, 1 in a softirq, 1 nobody knows where. */
function copying({ run, ledger }) {
  run.method = "exec";
  run.command = ["serve"];
  const end = (kind, name, inode) => ({ kind, name, device: 1, inode });
  const copied = { bytes: 4 * MiB, cpu_bytes: 8 * MiB, mode_switches: 256, disk_bytes: 0 };
  ledger.flows = {
    list: [{ from: end("file", "/data/big", 7), to: end("socket", "tcp 10.0.0.1:80 - 10.0.0.2:41000", 9), method: "read_write", ...copied,
      cpu_copies_per_byte: 2, mode_switches_per_mib: 64, cache_reuse: 1, sent_bytes: 0, sent_linear_bytes: 0, sent_dma: false,
      parts: [{ method: "read_write", link: "buffer", ...copied, calls: 128, copies_known: true, reference_bytes: 0, first_ns: 0, last_ns: 1000 }],
      copied_by: [{ stack: 0, bytes: 4 * MiB, calls: 64 }, { stack: 1, bytes: 2 * MiB, calls: 64 }, { stack: 2, bytes: MiB, calls: 16 }] }],
    merged: 0, unattributed: { bytes: 0, copies: 0 }, dropped: { calls: 0, bytes: 0 },
  };
  const frame = (name, module) => (module === undefined ? { name, kernel: true } : { name, kernel: false, module, offset: 4096 });
  ledger.copy_stacks = {
    evidence: "exact", not_kept: 0, lost: 0,
    modules: [{ path: "/usr/bin/serve", build_id: "00ff" }, { path: "/usr/lib/libc.so.6", build_id: "" }],
    frames: [frame("main", 0), frame("copy_chunk", 0), frame("read", 1), frame("write", 1), frame("filemap_read"), frame("_copy_to_iter"), frame("tcp_sendmsg_locked"), frame("skb_copy_bits")],
    stacks: [{ process: "serve", end: "whole", frames: [0, 1, 2, 4, 5] }, { process: "serve", end: "unknown", frames: [1, 3, 6] }, { process: "", end: "softirq", frames: [7] }],
  };
}
const { path } = sample(50, copying);
const bar = (page, name) => part(page, "stacks").getByRole("treeitem", { name: new RegExp(`^${name}`) });

test("each bar is as wide as the bytes that were copied in it, in words too", async () => {
  await withReport([path], async (page) => {
    const said = await part(page, "stacks").innerText();
    assert.match(said, /4\.00 MiB of 8\.00 MiB \(50%\) in 64 calls/);
    assert.match(said, /in serve: main \(serve\) > copy_chunk > read \(libc\.so\.6\)/);
    assert.match(said, /ends early: no frame pointers/);
    assert.match(said, /1\.00 MiB of 8\.00 MiB: not known by which code/);
    const width = async (name) => (await bar(page, name).first().boundingBox()).width;
    const all = await width("all that was copied");
    for (const [name, bytes] of [["serve", 6], ["main", 4], ["tcp_sendmsg_locked", 2], ["\\[softirq\\]", 1], ["not known with which stack", 1]])
      assert.ok(Math.abs((await width(name)) / all - bytes / 8) < 0.01, name);
    await bar(page, "main").click();
    assert.match(await part(page, "stacks").getByTestId("flame-told").innerText(), /^main \(serve\) \(user mode\): 4\.00 MiB of 8\.00 MiB copied \(50%\), 0 B in it itself/);
    assert.equal(await bar(page, "tcp_sendmsg_locked").count(), 0);
  });
});

test("the stacks are those of the export, in Chinese too, and axe finds nothing", async () => {
  for (const theme of ["light", "dark"])
    await withReport([path], async (page) => {
      const download = page.waitForEvent("download");
      await part(page, "download-copies").click();
      assert.equal(readFileSync(await (await download).path(), "utf8"), zctrace("export", path, "--format", "folded"));
      await part(page, "language").selectOption("zh");
      assert.match(await part(page, "stacks").innerText(), /在 serve 中：main/);
      await page.evaluate(axe());
      const { violations } = await page.evaluate(() => window.axe.run('[data-testid="stacks"]'));
      assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), []);
    }, { theme, width: theme === "dark" ? 390 : 1200 });
});

test("without stacks there is no such card", async () => {
  await withReport([sample(50).path], async (page) => assert.equal(await part(page, "stacks").count(), 0));
});
