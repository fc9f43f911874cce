// The page writes numbers and units as zctrace does: both are held to tests/golden/units.json.
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";

import { here, scratch } from "./browser.mjs";

const modules = join(process.env.ZCTRACE_MODULES, "page");
if (!existsSync(modules)) {
  console.log(`skipped: no modules in ${modules}: tests/run fetches them`);
  process.exit(77);
}
const typescript = createRequire(join(modules, "any.js"))("typescript");

const source = readFileSync(join(here, "../../viz/web/src/units.ts"), "utf8");
const compiled = join(scratch, "units.mjs");
writeFileSync(compiled, typescript.transpile(source, { module: "esnext", target: "es2022" }));
const units = await import(pathToFileURL(compiled));

const vectors = JSON.parse(readFileSync(join(here, "../golden/units.json"), "utf8"));
const rules = { bytes: "formatBytes", exact: "formatExact", count: "formatCount", ns: "formatNs", ratio: "formatRatio" };

test("each rule has vectors", () => assert.deepEqual(Object.keys(vectors).sort(), Object.keys(rules).sort()));

for (const [rule, cases] of Object.entries(vectors))
  test(`${rule}: ${cases.length} numbers`, () => {
    assert.ok(cases.length >= 10);
    for (const [number, text] of cases) assert.equal(units[rules[rule]](number), text, `${rule} of ${number}`);
  });

test("what people write for sizes and times is read", () => {
  const amounts = { "64KiB": 65536, "4M": 4194304, "4MB": 4_000_000, "1.5ms": 1_500_000, 812: 812, "2 us": 2000, "2 µs": 2000 };
  for (const [text, amount] of Object.entries(amounts)) assert.equal(units.parseAmount(text), amount, text);
  for (const wrong of ["", "many", "1e9", "KiB", "64KiBs", "--1"]) assert.equal(units.parseAmount(wrong), undefined, wrong);
});
