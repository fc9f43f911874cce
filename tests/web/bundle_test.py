"""The page that is in the repository is what its sources build, small, and asks the network for nothing."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lab"))

import lab_support as support

HOME = pathlib.Path(__file__).parents[2]
SOURCES = HOME / "viz/web"
BUNDLE = SOURCES / "dist/page.html"
MODULES = pathlib.Path(os.environ["ZCTRACE_MODULES"])
NAMESPACES = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xhtml", "http://www.w3.org/1999/xlink",
              "http://www.w3.org/1998/Math/MathML", "http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2000/xmlns/"}


class Built(unittest.TestCase):
    def need_node(self):
        """As new as what builds the page wants it: Debian 12's may be too old."""
        wanted = json.loads((MODULES / "page/node_modules/vite/package.json").read_text())["engines"]["node"]
        version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
        oldest = min(tuple(map(int, each.split("."))) for each in re.findall(r"(?:\^|>=)(\d+\.\d+)", wanted))
        if tuple(map(int, version.lstrip("v").split(".")[:2])) < oldest:
            raise unittest.SkipTest(f"Node {version} is too old for what builds the page ({wanted})")

    def test_bundle_is_what_its_sources_build(self):
        if not shutil.which("npm"):
            raise unittest.SkipTest("npm is missing")
        if not (MODULES / "page/package-lock.json").exists():
            raise unittest.SkipTest(f"no modules in {MODULES}: tests/run fetches them")
        self.need_node()
        copy = support.SCRATCH / "web"
        shutil.copytree(SOURCES, copy, ignore=shutil.ignore_patterns("node_modules", "dist"))
        shutil.copytree(MODULES / "page/node_modules", copy / "node_modules", symlinks=True)
        built = subprocess.run(["npm", "run", "build"], cwd=copy, capture_output=True, text=True, timeout=300, check=False)
        self.assertEqual(built.returncode, 0, built.stdout + built.stderr)
        self.assertTrue((copy / "dist/page.html").read_bytes() == BUNDLE.read_bytes(),
                        "viz/web/dist is not what viz/web builds: npm run build there, and commit it")
        self.assertEqual(sorted(path.name for path in (copy / "dist").iterdir()),
                         sorted(path.name for path in BUNDLE.parent.iterdir()))


class Bundle(unittest.TestCase):
    def test_bundle_is_small(self):
        self.assertLess(BUNDLE.stat().st_size, 1_000_000)

    def test_bundle_asks_nobody(self):
        text = BUNDLE.read_text()
        self.assertLessEqual(set(re.findall(r"\w+://[^\s\"'`<>)\\]+", text)), NAMESPACES)
        for way in ("@import", "XMLHttpRequest", "WebSocket", "EventSource", "sendBeacon", "importScripts"):
            self.assertNotIn(way, text)
        policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1]
        self.assertIn("default-src 'none'", policy)
        self.assertIn("script-src 'sha256-", policy)
        self.assertNotIn("unsafe-eval", policy)
        self.assertNotRegex(policy, r"script-src[^;]*unsafe-inline|https?:|\*")

    def test_locks_name_no_place_to_download_from(self):
        for folder in (SOURCES, HOME / "tests/web"):
            with self.subTest(folder=folder):
                lock = json.loads((folder / "package-lock.json").read_text())
                self.assertNotIn('"resolved"', json.dumps(lock))
                self.assertEqual([name for name, module in lock["packages"].items() if name and "integrity" not in module], [])
                wanted = json.loads((folder / "package.json").read_text())
                for kind in ("dependencies", "devDependencies"):
                    self.assertEqual(lock["packages"][""].get(kind), wanted.get(kind), "npm install there, and commit the lock")


if __name__ == "__main__":
    support.main()
