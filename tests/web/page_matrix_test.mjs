// The matrix: a row for what is the same, filters, the way to the recordings.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import test from "node:test";

import { axe, file, part, unitTests, withPage } from "./browser.mjs";

const path = file("", ".html");
execFileSync(unitTests, ["--no-skip", "--test-case=the matrix for the browser"], {
  env: { ...process.env, ZCTRACE_MATRIX: path },
  stdio: "ignore",
});
const source = axe();

const shown = (page) => part(page, "matrix").locator("tbody tr:visible");
const says = async (page) => (await shown(page).allInnerTexts()).map((text) => text.replace(/\s+/g, " "));

test("a reader finds what differs, and what else touched the bytes", async () => {
  await withPage(path, async (page) => {
    assert.equal((await says(page)).length, 3);
    assert.match((await says(page)).join("\n"), /ktls_send nic – ◈ 0.00 1.00 ◈/);
    assert.match(await part(page, "matrix").innerText(), /ktls_send: 1.00 transforms per byte[\s\S]*5.10, ktls_send: no TLS/);

    await part(page, "matrix-differing").check();
    const [differs, ...others] = await says(page);
    assert.deepEqual(others, []);
    assert.match(differs, /sendfile pipe ● 1.00 1.00 ○ 0.00 1.00/);

    await part(page, "matrix-differing").uncheck();
    await part(page, "matrix-path").selectOption("nic");
    assert.equal((await says(page)).length, 2);
  });
});

test("a row leads to the recording of each of its cells", async () => {
  await withPage(path, async (page) => {
    await shown(page).first().locator("summary").click();
    const links = await shown(page).first().locator("a").evaluateAll((all) => all.map((link) => link.getAttribute("href")));
    assert.deepEqual(links, ["5.10/sendfile.pipe.device.cold.json", "6.12/sendfile.pipe.device.cold.json"]);
  });
});

test("in Chinese, narrow and dark nothing is amiss", async () => {
  const at = async (page) => {
    await part(page, "language").selectOption("zh");
    assert.match(await part(page, "matrix").innerText(), /每字节 1.00 次变换/);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the page itself scrolls sideways");
    await page.evaluate(source);
    const { violations } = await page.evaluate(() => window.axe.run());
    assert.deepEqual(violations.map(({ id }) => id), []);
  };
  await withPage(path, at, { width: 390, theme: "dark" });
});
