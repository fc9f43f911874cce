// What the page gives away: the measurements as they went in, and diagrams that stand alone.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { file, here, note, part, python, report, sample, scratch, withReport } from "./browser.mjs";

const { path, data } = sample(600, ({ run }) => {
  run.source.file = '/tmp/a "b"\n中';
  run.evidence.notes = [note("<b>&amp;</b>")];
});

async function download(page, press) {
  const [got] = await Promise.all([page.waitForEvent("download"), press()]);
  const saved = join(scratch, got.suggestedFilename());
  await got.saveAs(saved);
  return saved;
}

test("the JSON is the document, and makes the same page again", async () => {
  let first = "";
  await withReport([path], async (page) => {
    first = await download(page, () => part(page, "download-json").click());
    assert.deepEqual(JSON.parse(readFileSync(first, "utf8")), data);
  });
  const bytes = readFileSync(first);
  await withReport([first], async (page) => {
    const second = await download(page, () => part(page, "download-json").click());
    assert.ok(readFileSync(second).equals(bytes), "byte for byte what zctrace writes");
  });
  assert.equal(readFileSync(report([first]), "utf8"), readFileSync(report([first]), "utf8"), "no time and no chance in a page");
});

test("the JSON is what the schema says", async () => {
  await withReport([path], async (page) => {
    const saved = await download(page, () => part(page, "download-json").click());
    const schema = join(here, "../../model/timeline/timeline.schema.json");
    python("import json, jsonschema, sys; jsonschema.Draft202012Validator(json.load(open(sys.argv[1]))).validate(json.load(open(sys.argv[2])))", schema, saved);
  });
});

test("runs of one name are downloaded under different ones", async () => {
  await withReport([path, path], async (page) => {
    const names = [];
    for (const tab of [1, 2]) {
      await page.getByRole("tab").nth(tab).click();
      const [got] = await Promise.all([page.waitForEvent("download"), part(page, "download-json").click()]);
      names.push(got.suggestedFilename());
    }
    assert.equal(new Set(names).size, 2, names.join());
  });
});

test("a diagram is copied in light colours, as text that stands alone", async () => {
  await withReport([path], async (page) => {
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await part(page, "copy-svg").first().click();
    await page.getByText("Copied", { exact: true }).waitFor();
    const svg = await page.evaluate(() => navigator.clipboard.readText());
    python("import markup, sys; markup.svg(open(sys.argv[1], 'rb').read())", file(svg, ".svg"));
    assert.match(svg, /<rect width="960" [^>]*fill="#ffffff"/);
    assert.ok(!/class=|<style/.test(svg), "its colours are its own");
  }, { theme: "dark" });
});

for (const theme of ["light", "dark"])
  test(`each diagram is a file of its own, in ${theme}`, async () => {
    await withReport([path], async (page) => {
      const buttons = part(page, "download-svg");
      await buttons.first().waitFor();
      assert.ok((await buttons.count()) >= 2);
      for (const button of await buttons.all()) {
        const saved = await download(page, () => button.click());
        assert.match(saved, /\.svg$/);
        python("import markup, sys; markup.svg(open(sys.argv[1], 'rb').read())", saved);
        const svg = readFileSync(saved, "utf8");
        assert.ok(!/data-theme|role="button"|tabindex/.test(svg), "nothing of the page is left in it");
        // Drawn by itself it has the theme's colours.
        const frame = file(`<!doctype html><body style="margin:0"><img src="${saved}">`, ".html");
        const viewer = await page.context().newPage();
        await viewer.goto(`file://${frame}`);
        const { width } = await viewer.locator("img").boundingBox();
        const corner = (await viewer.screenshot({ clip: { x: 2, y: 2, width: 1, height: 1 } })).length;
        assert.ok(width > 300 && corner > 0);
        await viewer.close();
      }
    }, { theme });
  });
