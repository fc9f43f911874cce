"""What the documents link to and name is there, and the two READMEs stay short: links_test.py"""

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CODE = re.compile(r"^```.*?^```|^    .*?$|`[^`]*`", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
# `bpf/hooks.h`, `tests/run`; a name with a capital stands for others.
NAMED = re.compile(r"(?<![\w./-])(?:base|bench|bpf|docs|model|packaging|tests|userspace|viz|workloads)/[a-z0-9_./-]*[a-z0-9_](?![\w*{/-])")


class Links(unittest.TestCase):
    def test_each_link_into_the_repository_leads_somewhere(self):
        links = 0
        for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
            for link in LINK.findall(CODE.sub("", page.read_text())):
                if "://" in link or link.startswith("#"):
                    continue
                links += 1
                with self.subTest(page=page.name, link=link):
                    self.assertTrue((page.parent / link.partition("#")[0]).exists())
        self.assertGreater(links, 100)

    def test_each_file_named_is_there(self):
        named = 0
        for page in [*ROOT.glob("README*.md"), *(ROOT / "docs").rglob("*.md")]:
            for words in re.findall(r"`([^`\n]+)`", page.read_text()):
                for name in NAMED.findall(words):
                    named += 1
                    with self.subTest(page=page.name, name=name):
                        self.assertTrue((ROOT / name).exists())
        self.assertGreater(named, 100)

    def test_each_document_is_found_from_the_readme(self):
        documents = {f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")}
        self.assertEqual(documents - set(LINK.findall((ROOT / "README.md").read_text())), set())
        chinese = {f"docs/zh/{page.name}" for page in (ROOT / "docs/zh").glob("*.md")}
        self.assertEqual(chinese - set(LINK.findall((ROOT / "README.zh.md").read_text())), set())

    def test_the_readmes_are_short(self):
        for name in ("README.md", "README.zh.md"):
            self.assertLessEqual(len((ROOT / name).read_text().splitlines()), 200, name)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
