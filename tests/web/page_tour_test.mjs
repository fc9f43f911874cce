// The guided tour: nothing is revealed before a prediction; by mouse, by keyboard, in both languages, on a phone.
import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";

import { axe, launch, open, part, python, scratch, unpacked, zctrace } from "./browser.mjs";

/** The tour's page, of documents changed by this Python function. */
function tourPage(name, change = "lambda name, document: None") {
  const folder = join(scratch, name);
  python(`import sys, tour_documents\ntour_documents.write(sys.argv[1], ${change})`, folder);
  const page = `${folder}.html`;
  zctrace("learn", "--from", folder, "--report", page);
  return page;
}

const path = tourPage("tour");
const { en: data } = unpacked(path, "tour");

async function withTour(act, { file = path, ...window } = {}) {
  const browser = await launch(window);
  try {
    const { page, complaints } = await open(browser, file);
    await act(page);
    assert.deepEqual(complaints, []);
  } finally {
    await browser.close();
  }
}

const tour = (page) => part(page, "tour");
const step = (page) => tour(page).getAttribute("data-step");

test("nothing is revealed before a prediction", async () => {
  await withTour(async (page) => {
    assert.equal(await step(page), "read_write");
    assert.equal(await part(page, "outcome").count(), 0);
    const asked = part(page, "asked").locator("svg");
    await asked.waitFor();
    assert.match(await asked.locator("text").allTextContents().then((all) => all.join(" ")), /page cache.*\?/);
    assert.doesNotMatch(await asked.textContent(), /copy|DMA|return|\d\.\d/);
    assert.ok(!(await tour(page).innerText()).includes("2.00"));
    assert.equal(await tour(page).locator("[data-edge]").count(), 0);
    await tour(page).getByLabel("once", { exact: true }).check();
    assert.match(await part(page, "outcome").innerText(), /2\.00[^]*once: not quite[^]*2: as measured/);
    assert.equal(await part(page, "outcome").getAttribute("data-right"), "false");
    await tour(page).locator("svg [data-edge]").first().waitFor();
    assert.equal(await part(page, "asked").count(), 0);
    for (const text of data.steps[0].why) assert.ok((await tour(page).innerText()).includes(text));
  });
});

test("the answer can be shown without predicting", async () => {
  await withTour(async (page) => {
    await part(page, "show-answer").click();
    assert.match(await part(page, "outcome").innerText(), /2\.00/);
    assert.equal(await part(page, "outcome").getAttribute("data-right"), null);
    assert.equal(await part(page, "score").innerText(), "");
  });
});

test("a walk through all steps, whose score is right", async () => {
  await withTour(async (page) => {
    let right = 0;
    let asked = 0;
    for (const [number, { id, question, picture }] of data.steps.entries()) {
      assert.equal(await step(page), id);
      if (question?.choices.length > 0) {
        const choice = number % 2 === 0 ? question.choices.findIndex(({ measured }) => measured) : 0;
        await tour(page).getByRole("radio").nth(choice).check();
        right += question.choices[choice].measured ? 1 : 0;
        asked += 1;
      } else if (question) {
        await tour(page).getByRole("spinbutton").fill(String(question.answer.number));
        await tour(page).getByRole("button", { name: "Show the measurement" }).click();
        right += 1;
        asked += 1;
      }
      if (question) await part(page, "outcome").waitFor();
      assert.equal(await tour(page).locator(".picture").count(), picture === null ? 0 : 1);
      assert.equal(await part(page, "score").innerText(), `${right} of ${asked} predictions matched the measurement.`);
      if (number + 1 < data.steps.length) await part(page, "next").click();
    }
    assert.ok(await part(page, "next").isDisabled());
    assert.equal(await part(page, "tour-table").locator("tr").count(), 1 + data.steps.at(-1).table.rows.length);
    await part(page, "previous").click();
    assert.equal(await step(page), data.steps.at(-2).id);
    await page.goBack();
    assert.equal(await step(page), data.steps.at(-1).id);
  });
});

test("what the textbooks say otherwise is shown beside the measurement", async () => {
  await withTour(async (page) => {
    await page.goto(`${page.url().split("#")[0]}#tour/splice`);
    await page.waitForFunction(() => document.querySelector("[data-step=splice]"));
    await part(page, "show-answer").click();
    assert.match(await part(page, "claim").innerText(), /2: differs from the measurement/);
    assert.match(await tour(page).innerText(), /The textbooks say 2, measured was 4\.00/);
  });
});

test("inferred copies are no answer", async () => {
  const change = "lambda name, document: document['run']['evidence'].update(copies='inferred')";
  await withTour(async (page) => {
    await tour(page).getByRole("radio").first().check();
    assert.match(await part(page, "outcome").innerText(), /No answer: ~2\.00 is not exact/);
    assert.equal(await tour(page).locator("label.measured").count(), 0);
    assert.equal(await part(page, "score").innerText(), "");
  }, { file: tourPage("inferred", change) });
});

test("a step leads to its run's own tab, and the back button to the step", async () => {
  await withTour(async (page) => {
    await part(page, "show-answer").click();
    await tour(page).getByRole("link", { name: "read + write" }).click();
    await part(page, "verdict").waitFor();
    await page.goBack();
    await part(page, "outcome").waitFor();
  });
});

test("by keyboard, and readable by a screen reader", async () => {
  for (const theme of ["light", "dark"])
    await withTour(async (page) => {
      await tour(page).getByRole("radio").first().focus();
      await page.keyboard.press("Space");
      await part(page, "outcome").waitFor();
      await page.evaluate(axe());
      const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
      assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes[0].html]), []);
      await part(page, "next").focus();
      await page.keyboard.press("Enter");
      assert.equal(await step(page), data.steps[1].id);
    }, { theme });
});

test("the language can be switched on the way, and what was predicted stays", async () => {
  await withTour(async (page) => {
    await tour(page).getByRole("radio").nth(2).check();
    await part(page, "language").selectOption("zh");
    assert.match(await part(page, "outcome").innerText(), /实测[^]*2\.00[^]*2 次：对了/);
    assert.match(await tour(page).innerText(), /先猜一猜/);
  });
});

test("on a phone nothing is wider than the screen", async () => {
  await withTour(async (page) => {
    for (const { id } of data.steps) {
      await page.goto(`${page.url().split("#")[0]}#tour/${id}`);
      await page.waitForFunction((id) => document.querySelector(`[data-step=${id}]`), id);
      if (await part(page, "show-answer").count()) await part(page, "show-answer").click();
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${id}: ${wide} px`);
    }
  }, { width: 390 });
});
