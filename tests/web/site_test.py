"""The site is built from what the repository holds: site_test.py PATH_TO_ZCTRACE

Its links lead somewhere, in both languages, and it fetches nothing. 77 where its modules are missing.
"""

import html.parser
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
OWN = "interactive"  # zctrace's own pages, which have tests of their own


class Page(html.parser.HTMLParser):
    """What a page links to, what it loads, and what one can link to in it."""

    def __init__(self, text):
        super().__init__()
        self.links, self.loaded, self.anchors = [], [], set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.anchors.add(attributes.get("id"))
        if tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])
        for name in ("src", "srcset", "href", "action"):
            if name in attributes and tag != "a":
                self.loaded.append(attributes[name])


class Site(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="site-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        made = subprocess.run([ROOT / "viz/site/build", cls.folder], env={**os.environ, "ZCTRACE": sys.argv[1]},
                              capture_output=True, text=True, check=False)
        if made.returncode == 77:
            print(made.stderr, end="")
            sys.exit(77)
        assert made.returncode == 0, made.stderr
        cls.pages = {path: Page(path.read_text()) for path in cls.folder.rglob("*.html") if path.parent.name != OWN}

    def check_leads_somewhere(self, path, link):
        file, _, anchor = link.partition("#")
        to = (path.parent / file).resolve() if file else path
        self.assertTrue(to.is_file() and to.is_relative_to(self.folder.resolve()), (path, link))
        if anchor and to in self.pages:
            self.assertIn(anchor, self.pages[to].anchors, (path, link))

    def test_links_lead_somewhere(self):
        self.assertGreater(len(self.pages), 80)
        for path, page in self.pages.items():
            for link in page.links + page.loaded:
                if not re.match(r"(https?|mailto):", link):
                    self.check_leads_somewhere(path, link)

    def test_nothing_is_fetched(self):
        for path, page in self.pages.items():
            for link in page.loaded:
                self.assertNotRegex(link, r"^([a-z]+:)?//", path)
        for path in [*self.folder.glob("*.css"), *self.folder.glob("search.js")]:
            self.assertNotRegex(path.read_text(), r"https?://|fetch\(|import\(", path)

    def test_both_languages_have_the_same_pages(self):
        def names(folder):
            return {str(path.relative_to(folder)) for path in self.pages if path.is_relative_to(folder)}
        english = {name for name in names(self.folder) if not name.startswith("zh/")}
        chinese = names(self.folder / "zh")
        self.assertEqual({name for name in chinese if not name.startswith("docs/")},
                         {name for name in english if not name.startswith("docs/")})
        translated = {f"docs/{page.stem}.html" for page in (ROOT / "docs/zh").glob("*.md")}
        self.assertEqual({name for name in chinese if name.startswith("docs/")}, {"docs/index.html", *translated})
        self.assertLess(translated, english)

    def test_the_manual_is_in_both_languages(self):
        for folder, word in ((self.folder, "Watch what programs move, live"), (self.folder / "zh", "实时观看程序移动了什么")):
            self.assertIn(word, (folder / "manual.html").read_text())
            self.assertRegex((folder / "index.html").read_text(), r'href="manual\.html"')

    def test_methods_have_their_figures(self):
        text = (self.folder / "methods.html").read_text()
        for method, figure in (("read_write", "2.00"), ("sendfile_no_sg", "1.00"), ("uring_direct", "1.00")):
            self.assertRegex(text, rf'm/{method}\.html#k6\.12" title="[^"]*">{re.escape(figure)}<')
        self.assertNotIn(">?<", text)

    def test_it_is_small(self):
        self.assertLess(sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file()), 10_000_000)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
