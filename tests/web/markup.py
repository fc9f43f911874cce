"""Is an output what it claims to be, and nothing more? Each function takes bytes, and throws AssertionError where not."""

import html.parser
import re
import unicodedata
import xml.etree.ElementTree

SVG = "{http://www.w3.org/2000/svg}"
SHAPES = {"svg", "title", "desc", "defs", "style", "g", "rect", "line", "path", "circle", "ellipse", "polygon", "polyline",
          "text", "tspan", "marker", "pattern", "linearGradient", "stop", "clipPath", "use"}
# Of HTML, what a page may be made of; forms that send, frames and plug-ins are not among it.
ELEMENTS = SHAPES | set(
    "html head meta title link style script body header main footer nav section article aside h1 h2 h3 h4 p div span a ul "
    "ol li dl dt dd table caption colgroup col thead tbody tfoot tr th td button input label select option canvas dialog "
    "details summary output kbd code pre b strong i em small sub sup br hr abbr figure figcaption noscript fieldset legend "
    "template time mark search".split())
NAMESPACES = ("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xhtml", "http://www.w3.org/1999/xlink")
# These turn the order of what stands around them.
BIDI = {*range(0x202A, 0x202F), *range(0x2066, 0x206A)}


def terminal(data):
    """Text that moves no cursor, sets no title and reorders nothing."""
    for letter in data.decode("utf-8"):
        steers = unicodedata.category(letter) == "Cc" and letter != "\n" or ord(letter) in BIDI
        assert not steers, f"U+{ord(letter):04X} reaches the terminal"


def attribute(element, name, value):
    name = re.sub(r"^\{.*\}", "", name).lower()
    assert not name.startswith("on"), f"<{element} {name}>"
    assert not re.match(r"\s*(javascript|vbscript|data:text)", value or "", re.IGNORECASE) or name in ("aria-label", "title",
                                                                                                       "value", "content"), \
        f"<{element} {name}={value!r}>"
    if name in ("href", "src", "action", "xlink:href"):
        assert re.match(r"#|data:,|data:image/|blob:", value or "#"), f"<{element} {name}={value!r}> leads away"
    assert name != "srcdoc"
    if name in ("style", "fill", "stroke", "mask", "filter", "clip-path", "marker-end", "marker-start"):
        styles(value or "")


def styles(text):
    for address in re.findall(r"url\(\s*['\"]?([^)]*)", text):
        assert address.startswith(("#", "data:")), f"url({address}"
    assert "@import" not in text and "expression(" not in text, text


def svg(data):
    text = data.decode("utf-8")
    assert "<!DOCTYPE" not in text and "<!ENTITY" not in text and "<?xml-stylesheet" not in text
    root = xml.etree.ElementTree.fromstring(data)
    assert root.tag == SVG + "svg", root.tag
    svg_element(root)
    assert len(data) < 300_000, f"{len(data)} bytes of SVG"


def svg_element(root):
    for element in root.iter():
        name = element.tag.removeprefix(SVG)
        assert name in SHAPES, f"<{element.tag}>"
        for key, value in element.attrib.items():
            attribute(name, key, value)
        if name == "style":
            styles(element.text or "")


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.scripts, self.open_script = [], None

    def handle_starttag(self, name, attributes):
        # The parser lowers the case of SVG's names too.
        assert name in {known.lower() for known in ELEMENTS}, f"<{name}>"
        attributes = dict(attributes)
        for key, value in attributes.items():
            attribute(name, key, value)
        if name == "script":
            self.open_script = attributes
            self.scripts.append([attributes, ""])

    def handle_startendtag(self, name, attributes):
        self.handle_starttag(name, attributes)

    def handle_endtag(self, name):
        if name == "script":
            self.open_script = None

    def handle_data(self, data):
        if self.open_script is not None:
            self.scripts[-1][1] += data


def html_scripts(data):
    page = Page()
    page.feed(data.decode("utf-8"))
    page.close()
    return page.scripts


def html(data):
    """One script runs; the others hold data, in which not even a "<" stands."""
    running = 0
    for attributes, text in html_scripts(data):
        if attributes.get("type", "").split("/")[-1] in ("", "javascript", "module"):
            running += 1
            assert "src" not in attributes
        else:
            assert "<" not in text, f"markup in the data: {text[text.index('<'):][:60]!r}"
    assert running == 1, f"{running} scripts would run"
    assert b"Content-Security-Policy" in data
