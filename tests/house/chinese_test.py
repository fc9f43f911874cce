"""The Chinese texts: one word for one thing, and pages that keep up with the English ones: chinese_test.py"""

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
GLOSSARY = ROOT / "docs/zh/glossary.md"
TEXTS = [
    ROOT / "README.zh.md", ROOT / "viz/site/build.mjs", ROOT / "userspace/commands/manual/help_zh.def",
    *(ROOT / "docs/zh").glob("*.md"), *(ROOT / "model/language/texts").glob("*.def"),
    *(ROOT / f"model/{name}/{name}.json" for name in ("claims", "why", "tour")),
]

# The glossary's word, and what says the same: a pattern.
WORDS = {
    "论断": "说法", "结论": "判定", "文献": "教科书", "跟踪": "追踪|跟随", "记录": "(?<!记)录[制得]", "附注": "备注|注释",
    "数据流": "[个条]流|[这每]些?流|的流", "采样": "抽样", "下界": "下限", "未知": "无法得知", "观察": "观测",
    "缺页": "缺页(?:异常|中断|错误)", "载荷": "有效载荷", "首部": "协议头|头部|报头", "页片段": "页分片", "线性区": "线性部分",
    "加密例程": "加密程序|加密算法", "接收端": "接收方(?!法)", "发送端": "发送方(?!法|式)|发送一侧", "用户态": "用户模式", "引用": "转交|交出",
    "移交": "移送", "loopback": "环回|回环", "本机": "宿主", "实验虚拟机": "实验环境|客户机", "运行": "[整每]个运行",
    "拷贝": "(?<!写时)(?<!引用)(?<!已)(?<!未能)复制(?! SVG)", "核对": "(?<!奇偶)校验(?!和)",
}


class OneWord(unittest.TestCase):
    def test_the_glossary_has_the_word(self):
        glossary = GLOSSARY.read_text()
        for word in WORDS:
            self.assertIn(word, glossary)

    def test_no_text_has_another(self):
        others = re.compile("|".join(WORDS.values()))
        for path in TEXTS:
            chinese = re.sub("[ -~]{9,}", " ", path.read_text())  # most of a text may be English
            self.assertRegex(chinese, "[\u4e00-\u9fff]{3}", path)
            for found in others.finditer(chinese):
                [word] = [word for word, pattern in WORDS.items() if re.search(pattern, found[0])]
                line = chinese.count("\n", 0, found.start()) + 1
                self.fail(f"{path.relative_to(ROOT)}:{line}: {found[0]}: the glossary has {word}")


class Page:
    """What a translation keeps: headings, code, and the cells of tables that hold no words; and its first paragraph."""

    def __init__(self, path):
        self.headings, self.code, self.rows = [], [], []
        self.first = ""
        fenced = ended = False
        for line in path.read_text().splitlines():
            if line.startswith("```"):
                fenced = not fenced
            elif fenced or line.startswith("    "):
                self.code.append(line)
            elif line.startswith("#"):
                self.headings.append(line.split()[0])
            elif line.startswith("|"):
                self.rows.append([cell.strip() for cell in line.strip("|").split("|")])
            elif line and not ended:
                self.first += line
            ended = ended or bool(self.first and not line)


class PagesKeepUp(unittest.TestCase):
    EVIDENCE = {"exact": "精确", "at least": "至少", "inferred": "推断", "unknown": "未知", "absent": "没有"}

    def of_each(self, check):
        for path in (ROOT / "docs/zh").glob("*.md"):
            with self.subTest(page=path.name):
                check(Page(path), Page(ROOT / "docs" / path.name))

    def test_there_is_one_of_each(self):
        self.assertEqual({path.name for path in (ROOT / "docs/zh").glob("*.md")},
                         {path.name for path in (ROOT / "docs").glob("*.md")})

    def test_the_first_paragraph_says_where_the_english_page_is(self):
        for path in (ROOT / "docs/zh").glob("*.md"):
            with self.subTest(page=path.name):
                self.assertIn(f"英文原文：[{path.name}](../{path.name})", Page(path).first)

    def test_the_headings(self):
        self.of_each(lambda chinese, english: self.assertEqual(chinese.headings, english.headings))

    def test_the_code_but_for_what_is_said_of_it(self):
        def check(chinese, english):
            self.assertEqual(len(chinese.code), len(english.code))
            for ours, theirs in zip(chinese.code, english.code):
                code = re.split("# |[\u3000-\u9fff\uff00-\uffef]", ours)[0].rstrip()
                self.assertEqual(theirs[:len(code)], code)
                if ours.isascii():
                    self.assertEqual(ours, theirs)

        self.of_each(check)

    def test_the_tables(self):
        def check(chinese, english):
            self.assertEqual(len(chinese.rows), len(english.rows))
            for ours, theirs in zip(chinese.rows, english.rows):
                if len(ours) != len(theirs):  # docs/why.md has a column more: what a rule goes by
                    continue
                for our, their in zip(ours, theirs):
                    if their in self.EVIDENCE:
                        self.assertIn(self.EVIDENCE[their], our, theirs)
                    elif not re.search("[A-Za-z]", their):
                        self.assertEqual(our, their, theirs)

        self.of_each(check)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
