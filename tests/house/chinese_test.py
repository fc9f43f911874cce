"""The Chinese texts: one word for one thing, the glossary's: chinese_test.py"""

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
    "拷贝": "(?<!写时)(?<!引用)(?<!已)(?<!未能)复制(?! SVG)", "核对": "校验(?!和)",
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


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
