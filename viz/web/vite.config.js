// One HTML file of everything: the page's scripts and styles stand in it, and its policy lets nothing else run.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { defineConfig } from "vite";

const MOST = 1_000_000; // bytes of the page without data

function oneFile() {
  return {
    name: "one-file",
    enforce: "post",
    generateBundle(_, bundle) {
      let script = "";
      let style = "";
      for (const [name, part] of Object.entries(bundle)) {
        if (part.type === "chunk") script += part.code;
        else if (name.endsWith(".css")) style += part.source;
        else this.error(`${name}: does not fit into one file`);
        delete bundle[name];
      }
      script = script.trim();
      if (/<\/script|<!--/i.test(script) || /<\/style/i.test(style)) this.error("what is bundled would end its element");
      const hash = createHash("sha256").update(script).digest("base64");
      const parts = { style: style.trim(), script, hash };
      const source = readFileSync("page.html", "utf8").replace(/\/\*(style|script|hash)\*\//g, (_all, part) => parts[part]);
      if (Buffer.byteLength(source) > MOST) this.error("the page has grown past 1 MB");
      this.emitFile({ type: "asset", fileName: "page.html", source });
    },
  };
}

export default defineConfig({
  plugins: [oneFile()],
  build: {
    target: "es2022",
    modulePreload: false,
    cssCodeSplit: false,
    reportCompressedSize: false,
    rollupOptions: { input: "src/main.ts", output: { format: "iife", entryFileNames: "page.js" } },
  },
});
