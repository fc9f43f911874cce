// From an arrow of the flow to its events: exactly those, and their bytes are the ledger's.
import assert from "node:assert/strict";
import test from "node:test";

import { count, part, sample, withReport } from "./browser.mjs";

const { path, data } = sample(2600);

/** The events behind an edge, counted without the page: { calls, bytes, events }. */
function behind(edge) {
  const [side, from, to, by] = edge.split("/");
  const sum = { calls: 0, bytes: 0, events: 0 };
  const add = (calls, bytes) => {
    sum.calls += calls;
    sum.bytes += bytes;
    sum.events += 1;
  };
  for (const event of data.events) {
    if (event.side !== side) continue;
    for (const copy of event.kind === "copy" ? [event] : event.copies ?? [])
      if (copy.from === from && copy.to === to && copy.by === by) add(copy.calls, copy.bytes);
    if (from === "disk" && event.kind === "disk") add(1, event.payload);
    if (to === "nic" && event.kind === "transmit") add(1, event.linear + event.paged);
  }
  return sum;
}

/** Presses an arrow where its words are; its middle may be beside its line. */
const press = (page, edge) => part(page, "flow").locator(`[data-edge="${edge}"] text`).last().click();

test("each arrow leads to its events, whose sums are the ledger's", async () => {
  await withReport([path], async (page) => {
    const edges = await part(page, "flow").locator("[data-edge]").evaluateAll((all) => all.map((each) => each.dataset.edge));
    const arrows = [...new Set(edges)].filter((edge) => edge.split("/").length === 4);
    const rows = data.ledger.copies.map((row) => [row.side, row.from, row.to, row.by].join("/"));
    assert.deepEqual([...arrows].sort(), [...new Set(rows)].sort(), "an arrow for each edge of the ledger, and no other");
    for (const edge of arrows) {
      const expected = behind(edge);
      const row = data.ledger.copies[rows.indexOf(edge)];
      assert.deepEqual([expected.bytes, expected.calls], [row.bytes, row.calls], "the sample's events are its ledger's");
      await press(page, edge);
      await part(page, "edge-filter").waitFor();
      const says = await part(page, "edge-filter").getByRole("status").innerText();
      assert.ok(says.includes(` ${count(expected.calls)} `), `${expected.calls} calls: ${says}`);
      assert.ok(says.includes(`${count(expected.events)} events`), `${expected.events} events: ${says}`);
      const figure = await page.locator(`[data-figure="copies/${edge}/bytes"] .value`).innerText();
      assert.ok(says.includes(figure), `${figure}: ${says}`);
    }
  });
});

test("an arrow can be pressed on its line", async () => {
  await withReport([path], async (page) => {
    // A narrow line is hard to hit: its middle, and 4 px beside it.
    for (const edge of data.ledger.copies.map((row) => [row.side, row.from, row.to, row.by].join("/"))) {
      const hit = await part(page, "flow").locator(`[data-edge="${edge}"]`).first().evaluate((group) => {
        const line = [...group.querySelectorAll("path, line, rect")].find((each) => each.getBBox().width + each.getBBox().height > 20);
        line.scrollIntoView({ block: "center" });
        const { left, top, width, height } = line.getBoundingClientRect();
        const upright = height > width;
        return [-4, 0, 4].map((by) =>
          document.elementFromPoint(left + width / 2 + (upright ? by : 0), top + height / 2 + (upright ? 0 : by))?.closest("[data-edge]")?.dataset.edge,
        );
      });
      assert.deepEqual(hit, [edge, edge, edge]);
    }
  });
});

test("the mode switches lead to the calls that made them", async () => {
  await withReport([path], async (page) => {
    await press(page, "sender/mode switches");
    const says = await part(page, "edge-filter").getByRole("status").innerText();
    assert.ok(says.includes(`${count(data.ledger.mode_switches.total)} mode switches`), says);
    await part(page, "clear-filter").click();
    assert.ok(await part(page, "edge-filter").isHidden());
  });
});

test("the chosen arrow's events are in view, and the timeline is on the screen", async () => {
  await withReport([path], async (page) => {
    await press(page, "sender/disk/page cache/dma");
    await part(page, "edge-filter").waitFor();
    await part(page, "timeline-canvas").waitFor();
    assert.ok(await part(page, "edge-filter").evaluate((chip) => {
      const { top, bottom } = chip.getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight;
    }));
    await part(page, "edge-filter").getByRole("button").nth(1).click();
    assert.match(await part(page, "event-details").innerText(), /disk request/);
  });
});
