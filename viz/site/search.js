// The search of the site: an index made of PAGES when somebody first types.
(() => {
  const { top, language } = document.body.dataset;
  const field = document.getElementById("search"), found = document.getElementById("found");
  // Chinese has no blanks: each character is a word.
  const tokenize = (text) => text.match(/\p{Script=Han}|[\p{L}\p{N}_]+/gu) ?? [];
  let search;
  const make = () => {
    search = new MiniSearch({ fields: ["title", "text"], storeFields: ["title", "url", "text"], tokenize,
      searchOptions: { tokenize, boost: { title: 4 }, prefix: true, combineWith: "AND" } });
    search.addAll(PAGES.filter((page) => page.language === language || page.language === null));
  };
  const around = (text, term) => {
    const at = Math.max(0, text.toLowerCase().indexOf(term.toLowerCase()) - 40);
    return (at > 0 ? "…" : "") + text.slice(at, at + 140) + "…";
  };
  field.addEventListener("input", () => {
    if (!search) make();
    found.replaceChildren();
    for (const hit of search.search(field.value).slice(0, 12)) {
      const line = document.createElement("li"), link = document.createElement("a"), text = document.createElement("p");
      link.href = top + hit.url;
      link.textContent = hit.title;
      text.textContent = around(hit.text, hit.terms[0]);
      line.append(link, text);
      found.append(line);
    }
    found.hidden = found.childElementCount === 0;
  });
})();
