// build.mjs REPOSITORY ZCTRACE MODULES RECORDINGS OUT: see build.
import { execFile } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { promisify } from "node:util";

const [home, zctrace, modules, recordings, out] = process.argv.slice(2).map((name) => path.resolve(name));
const require = createRequire(path.join(modules, "package.json"));
const MarkdownIt = require("markdown-it");

const LANGUAGES = ["en", "zh"];
const WORDS = {
  en: {
    search: "Search", other: "中文", home: "zctrace", methods: "Methods and kernels", programs: "Programs",
    claims: "Claims", tour: "Tour", topics: "Topics", matrix: "Matrix", format: "The format", manual: "Manual", documents: "Documents",
    method: "method", copies: "CPU copies per byte, as measured; each number leads to its picture.",
    recorded: "Recorded", command: "Command", none: "not on this kernel",
    claimsPage: "What textbooks and others say, and what was measured", tourPage: "Predict, measure, see why",
    about: "Real programs, recorded in the lab: which file went to which socket, and how often each byte was copied.",
  },
  zh: {
    search: "搜索", other: "English", home: "zctrace", methods: "方法与内核", programs: "程序",
    claims: "论断", tour: "导览", topics: "主题", matrix: "矩阵", format: "格式", manual: "手册", documents: "文档",
    method: "方法", copies: "实测的每字节 CPU 拷贝次数；点击数字看图。",
    recorded: "记录于", command: "命令", none: "此内核没有",
    claimsPage: "文献等的论断与实测", tourPage: "先预测，再测量，然后看原因",
    about: "在实验虚拟机中记录的真实程序：哪个文件到了哪个套接字，每个字节被拷贝几次。",
  },
};

const escape = (text) => text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
const plain = (html) => html.replace(/<(style|script)[^]*?<\/\1>/g, "").replace(/<[^>]*>/g, " ")
  .replace(/&(amp|lt|gt|quot);/g, (_, name) => ({ amp: "&", lt: "<", gt: ">", quot: '"' })[name]).replace(/\s+/g, " ").trim();
const run = async (...words) => (await promisify(execFile)(zctrace, words, { maxBuffer: 1 << 26 })).stdout;
const read = (...names) => fs.readFileSync(path.join(...names), "utf8");
const place = (name) => (fs.mkdirSync(path.dirname(path.join(out, name)), { recursive: true }), path.join(out, name));
const copy = (from, name) => fs.copyFileSync(from, place(name));

/// All tasks, a few at a time: each starts a zctrace.
async function each(items, act, atOnce = 2) {
  const rest = [...items];
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (let item; (item = rest.shift()) !== undefined;) await act(item);
  }));
}

// Pages.

const index = [];
const pageFile = (language, name) => (language === "en" ? name : `${language}/${name}`);

/// Documents that are in Chinese too: "limits".
const inChinese = fs.readdirSync(path.join(home, "docs/zh")).map((name) => path.basename(name, ".md"));

/// The others are English.
const isEnglish = (name) => name.startsWith("docs/") && !["index", ...inChinese].includes(path.basename(name, ".html"));

/// Writes a page of one language, or the only one there is. Links in `content` are as from the page.
function page(language, name, title, content, only = false) {
  const words = WORDS[language], other = language === "en" ? "zh" : "en";
  const depth = name.split("/").length - 1;
  const here = "../".repeat(depth), top = here + (language === "en" ? "" : "../");
  const elsewhere = language === "en" ? `${top}zh/` : top;
  const parts = [["index.html", words.home], ["methods.html", words.methods], ["programs.html", words.programs],
    ["claims.html", words.claims], ["tour.html", words.tour], ["docs/matrix.html", words.matrix],
    ["docs/format.html", words.format], ["manual.html", words.manual], ["docs/index.html", words.documents]];
  const links = parts.map(([file, text]) => `<a href="${isEnglish(file) ? top : here}${file}">${text}</a>`).join("\n");
  fs.writeFileSync(place(pageFile(language, name)), `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>${escape(title)} · zctrace</title>
<link rel="stylesheet" href="${top}site.css"></head><body data-top="${top}" data-language="${language}">
<header><nav>${links}</nav>
<div class="tools"><input type="search" id="search" placeholder="${words.search}" aria-label="${words.search}">
<a href="${elsewhere}${only ? "index.html" : name}" lang="${other}">${words.other}</a></div><ol id="found" hidden></ol></header>
<main>${content}</main>
<script src="${top}minisearch.js"></script><script src="${top}index.js"></script><script src="${top}search.js"></script>
</body></html>
`);
  index.push({ id: index.length, url: pageFile(language, name), title, language: only ? null : language, text: plain(content) });
}

// Documents.

/// GitHub's name of a heading.
const slug = (text) => text.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replace(/ /g, "-");
const markdown = new MarkdownIt({ html: false });
markdown.renderer.rules.heading_open = (tokens, at, options, env, self) => {
  tokens[at].attrSet("id", slug(tokens[at + 1].children.map((part) => part.content).join("")));
  return self.renderToken(tokens, at, options);
};

/// Where a link of a document leads in the site, as from the folder of the language: another document's page, a picture,
/// or a schema. Null: something else of the repository, which is not in the site.
function target(from, language, link) {
  const [file, anchor] = link.split("#");
  const full = file ? path.resolve(path.dirname(from), file) : from;
  const name = path.relative(home, full), hash = anchor ? `#${anchor}` : "";
  if (!fs.existsSync(full) || fs.statSync(full).isDirectory()) return null;
  if (/^README(\.zh)?\.md$/.test(name)) return (name === "README.md") === (language === "en") ? `index.html${hash}`
    : `${language === "en" ? "zh/" : "../"}index.html${hash}`;
  const document = /^docs\/(zh\/)?([^/]+)\.md$/.exec(name);
  if (document) {
    const [, chinese, stem] = document, here = Boolean(chinese) === (language === "zh");
    return `${here ? "" : chinese ? "zh/" : "../"}docs/${stem}.html${hash}`;
  }
  if (!/\.(svg|png|schema\.json)$/.test(name)) return null;
  copy(full, `files/${name}`);
  return `${language === "en" ? "" : "../"}files/${name}`;
}

function render(file, language, depth) {
  const env = {}, tokens = markdown.parse(read(file), env);
  // A line of Chinese ends where its author broke it, and no blank is meant.
  const isWide = (character) => /[\u3000-\u9fff\uff00-\uffef]/.test(character ?? "");
  for (const token of tokens)
    token.children = token.children?.filter(({ type }, at, all) =>
      type !== "softbreak" || !isWide(all[at - 1]?.content.at(-1)) || !isWide(all[at + 1]?.content[0]));
  const relink = (token, attribute) => {
    const link = token.attrGet(attribute);
    if (/^[a-z]+:/.test(link)) return;
    const to = target(file, language, decodeURI(link));
    if (to) token.attrSet(attribute, "../".repeat(depth) + to);
    else token.attrs = token.attrs.filter(([key]) => key !== attribute);
  };
  for (const { children } of tokens)
    for (const token of children ?? []) {
      if (token.type === "link_open") relink(token, "href");
      if (token.type === "image") relink(token, "src");
    }
  return markdown.renderer.render(tokens, markdown.options, env);
}

const titleOf = (file) => /^# (.*)/m.exec(read(file))[1];

function documents() {
  page("en", "index.html", "zctrace", render(path.join(home, "README.md"), "en", 0));
  page("zh", "index.html", "zctrace", render(path.join(home, "README.zh.md"), "zh", 0));
  const files = [...fs.readdirSync(path.join(home, "docs")).map((name) => `docs/${name}`), "CHANGELOG.md", "SECURITY.md"]
    .filter((name) => name.endsWith(".md"));
  const lists = { en: [], zh: [] };
  const put = (language, file, as, only) => {
    page(language, as, titleOf(file), render(file, language, 1), only);
    const link = (top) => `<a href="${top}${path.basename(as)}">${escape(titleOf(file))}</a>`;
    lists[language].push(`<li>${link("")}</li>`);
    if (only) lists.zh.push(`<li>${link("../../docs/")}（英文）</li>`);
  };
  for (const name of files) {
    const as = name.startsWith("docs/") ? name.replace(/md$/, "html") : `docs/${name.replace(/md$/, "html")}`;
    const stem = path.basename(name, ".md"), both = name.startsWith("docs/") && inChinese.includes(stem);
    put("en", path.join(home, name), as, !both);
    if (both) put("zh", path.join(home, "docs/zh", `${stem}.md`), as, false);
  }
  for (const language of LANGUAGES) {
    const title = WORDS[language].documents;
    page(language, "docs/index.html", title, `<h1>${title}</h1><ul>${lists[language].join("")}</ul>`);
  }
}

async function manual(language) {
  const words = WORDS[language], say = (...words) => run("--lang", language, ...words);
  const commands = [...(await run("--lang", "en", "--help")).split("Commands:")[1].split("\n\n")[0].matchAll(/^  ([a-z]+) /gm)].map(([, name]) => name);
  const topics = /one of:([^.]*)\./.exec(await run("--lang", "en", "help", "--help"))[1].trim().split(/,\s+/);
  let content = `<h1>${words.manual}</h1><p>${words.topics}: ${topics.map((name) => `<a href="docs/${name}.html">${name}</a>`).join(", ")}</p>`;
  content += `<pre>${escape(await say("--help"))}</pre>`;
  for (const name of commands) content += `<h2 id="${name}">zctrace ${name}</h2><pre>${escape(await say("help", name))}</pre>`;
  page(language, "manual.html", words.manual, content);
}

// Measurements.

const pictures = new Map();  // "6.12/splice" -> {en: {title, file}, zh: ...}

/// Without the colours that it does not use, and as an image without tooltips and marks for the page: it says what its alt
/// says. Its lines are the same, in fewer words: no tenths of 0, and one path where a second one is only its outline.
function lean(svg) {
  const used = new Set([...svg.matchAll(/class="([^"]*)"/g)].flatMap(([, names]) => names.split(" ")));
  return svg.replace(/<(title|desc)>[^]*?<\/\1>/g, "").replace(/ data-[\w-]+="[^"]*"/g, "").replace(/>\n+</g, "><")
    .replace(/\.zc \.([\w-]+)\{[^}]*\}/g, (rule, name) => used.has(name) ? rule : "")
    .replace(/ d="[^"]*"/g, (line) => line.replace(/(\d)\.0+(?!\d)/g, "$1"))
    .replace(/<path class="(\w+)" d="([^"]*)"\/><path class="(\w+-line)" d="\2" fill="none"/g, '<path class="$1 $3" d="$2"');
}

async function draw(name) {
  const drawn = {};
  for (const language of LANGUAGES) {
    const svg = await run("--lang", language, "chart", path.join(recordings, `${name}.json`));
    fs.writeFileSync(place(`pictures/${language}/${name}.svg`), lean(svg));
    drawn[language] = { title: plain(/<title>([^]*?)<\/title>/.exec(svg)[1]), file: `pictures/${language}/${name}.svg` };
  }
  pictures.set(name, drawn);
}

const names = (folder) => fs.readdirSync(path.join(recordings, folder)).filter((name) => name.endsWith(".json"))
  .map((name) => name.replace(/\.json$/, "")).sort();
const kernels = fs.readdirSync(recordings).filter((name) => /^\d/.test(name))
  .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
/// The first lines of a document are of its run.
const runOf = (name) => JSON.parse(read(recordings, `${name}.json`)).run;
/// A JVM's command line is long.
const shownCommand = (run) => {
  const words = (run.command ?? []).join(" ");
  return escape(words.length > 160 ? `${words.slice(0, 160)}…` : words);
};
const when = (folder) => JSON.parse(read(home, "viz/site/recordings/recorded.json"))[folder];

function figure(language, depth, name, recording) {
  const words = WORDS[language], picture = pictures.get(name)[language], run = runOf(name);
  const top = "../".repeat(depth + (language === "en" ? 0 : 1));
  return `<figure><img src="${top}${picture.file}" alt="${escape(picture.title)}" loading="lazy">
<figcaption>Linux ${escape(run.kernel.release)}${recording.date ? ` · ${words.recorded} ${recording.date}` : ""}
· ${words.command}: <code>${recording.command ? escape(recording.command) : shownCommand(run)}</code>
· <code>${recording.file}</code></figcaption></figure>`;
}

function methods(language) {
  const words = WORDS[language], all = [...new Set(kernels.flatMap(names))].sort();
  const rows = all.map((method) => {
    const cells = kernels.map((kernel) => {
      const picture = pictures.get(`${kernel}/${method}`)?.[language];
      if (!picture) return `<td class="none" title="${words.none}">–</td>`;
      const figure = /[:：]\s*([^\s:：]+)[^:：]*$/.exec(picture.title)?.[1] ?? "?";
      return `<td><a href="m/${method}.html#k${kernel}" title="${escape(picture.title)}">${escape(figure)}</a></td>`;
    });
    return `<tr><th><a href="m/${method}.html"><code>${method}</code></a></th>${cells.join("")}</tr>`;
  });
  page(language, "methods.html", words.methods, `<h1>${words.methods}</h1><p>${words.copies}</p>
<table class="grid"><tr><th>${words.method}</th>${kernels.map((kernel) => `<th>${kernel}</th>`).join("")}</tr>${rows.join("")}</table>`);
  for (const method of all) {
    const of = kernels.filter((kernel) => pictures.has(`${kernel}/${method}`));
    const content = of.map((kernel) => `<h2 id="k${kernel}">Linux ${kernel}</h2><p>${escape(pictures.get(`${kernel}/${method}`)[language].title)}</p>`
      + figure(language, 1, `${kernel}/${method}`, { ...when(kernel), file: `viz/site/recordings/${kernel}/${method}.json.zst`,
        command: method === "sendfile_no_sg" ? `zctrace run sendfile --offload sg=off --kernel ${kernel}` : `zctrace run ${method} --kernel ${kernel}` }));
    page(language, `m/${method}.html`, method, `<h1><code>${method}</code></h1>${content.join("")}`);
  }
}

function programs(language) {
  const words = WORDS[language];
  const content = names("programs").map((name) => `<h2 id="${name}">${name}</h2><p>${escape(pictures.get(`programs/${name}`)[language].title)}</p>`
    + figure(language, 0, `programs/${name}`, { file: `model/claims/recordings/${name}.json` }));
  page(language, "programs.html", words.programs, `<h1>${words.programs}</h1><p>${words.about}</p>${content.join("")}`);
}

/// Pages of zctrace's own, which hold their recordings, in both languages.
async function interactive() {
  for (const [file, command] of [["claims", "claims"], ["tour", "learn"]])
    await run("--lang", "en", command, "--from", path.join(recordings, "claims"), "--report", place(`interactive/${file}.html`));
}

/// The same as the terminal tells it, for the search and for who wants text.
async function told(language) {
  const words = WORDS[language], top = language === "en" ? "" : "../", recorded = when("claims");
  for (const [file, command, title, text] of [["claims", "claims", words.claims, words.claimsPage], ["tour", "learn", words.tour, words.tourPage]]) {
    const lines = await run("--lang", language, command, "--from", path.join(recordings, "claims"));
    page(language, `${file}.html`, title, `<h1>${title}</h1><p><a href="${top}interactive/${file}.html">${text}</a></p>
<p>Linux 6.12 · ${words.recorded} ${recorded.date} · <code>${recorded.command}</code></p><pre>${escape(lines)}</pre>`);
  }
}

const drawn = [...kernels, "programs"].flatMap((folder) => names(folder).map((name) => `${folder}/${name}`));
await each(drawn, draw);
documents();
await interactive();
for (const language of LANGUAGES) {
  await manual(language);
  methods(language);
  programs(language);
  await told(language);
}
copy(path.join(home, "viz/site/site.css"), "site.css");
copy(path.join(home, "viz/site/search.js"), "search.js");
// Without its comments, which are four tenths of it.
fs.writeFileSync(place("minisearch.js"),
  read(modules, "node_modules/minisearch/dist/umd/index.js").replace(/^ *\/\*\*[^]*?\*\/\n/gm, ""));
fs.writeFileSync(place("index.js"), `window.PAGES = ${JSON.stringify(index).replace(/</g, "\\u003c")};\n`);
