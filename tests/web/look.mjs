// Pictures of pictures: each file at two widths, light and dark. See `look`.
import { basename, extname, join } from "node:path";
import { pathToFileURL } from "node:url";

import { file, launch } from "./browser.mjs";

const [folder, ...files] = process.argv.slice(2);

/** An SVG stands on a page, as wide as there is room. */
function pageOf(path) {
  if (extname(path) !== ".svg") return path;
  const image = `<img style="width:100%" src="${pathToFileURL(path).href}">`;
  return file(`<!doctype html><meta name="color-scheme" content="light dark"><body style="margin:0">${image}`, ".html");
}

for (const theme of ["light", "dark"]) {
  for (const width of [1280, 390]) {
    const browser = await launch({ width, height: 800, theme });
    for (const path of files) {
      const page = await browser.newPage();
      await page.goto(pathToFileURL(pageOf(path)).href, { timeout: 60_000 });
      await page.waitForTimeout(1000); // a report unpacks itself first
      const picture = join(folder, `${basename(path, extname(path))}-${width}-${theme}.png`);
      await page.screenshot({ path: picture, fullPage: true });
      console.log(picture);
      await page.close();
    }
    await browser.close();
  }
}
