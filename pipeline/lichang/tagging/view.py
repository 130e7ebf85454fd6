"""The text as the encoder sees it: one script, one width, one style of quotation marks, one word for one thing.

What is stored and shown stays as printed. Most foldings keep the length; regional words may not (輝達 is 英伟达),
so a view knows where each of its characters comes from.
"""

import re
from typing import NamedTuple

from lichang import script

_QUOTES = str.maketrans("「」『』", "“”‘’")

# Taiwan's, Hong Kong's and Singapore's words (already in simplified characters) → the mainland's.
REGIONAL = {
    "辉达": "英伟达",
    "超微": "AMD",
    "艾司摩尔": "阿斯麦",
    "阿斯麦尔": "阿斯麦",
    "川普": "特朗普",
    "晶片": "芯片",
    "人工智慧": "人工智能",
    "伺服器": "服务器",
    "资料中心": "数据中心",
    "资料库": "数据库",
    "记忆体": "内存",
    "软体": "软件",
    "硬体": "硬件",
    "韧体": "固件",
    "网路": "网络",
    "程式": "程序",
    "资讯": "信息",
    "演算法": "算法",
    "开放原始码": "开源",
    "开原码": "开源",
    "讯号": "信号",
    "高频宽": "高带宽",
    "频宽": "带宽",
    "绘图处理器": "图形处理器",
    "运算": "计算",
    "储存": "存储",
    "品质": "质量",
    "智慧型手机": "智能手机",
    "矽谷": "硅谷",
    "北韩": "朝鲜",
    "纽西兰": "新西兰",
    "执行长": "首席执行官",
    "行政总裁": "首席执行官",
    "白宫幕僚长": "白宫办公厅主任",
    "陆企": "中企",
    "陆厂": "中国厂商",
    "美中": "中美",
}
_WORDS = re.compile("|".join(sorted(REGIONAL, key=len, reverse=True)))


def mainland(text: str) -> str:
    """A simplified text with regional words replaced; its length may change.

    >>> mainland("辉达的晶片")
    '英伟达的芯片'
    """
    return _WORDS.sub(lambda match: REGIONAL[match.group()], text)


class View(NamedTuple):
    """A text as seen, and for each of its characters the span of the printed text that it stands for."""

    text: str
    starts: list[int]
    ends: list[int]

    def printed(self, start: int, end: int) -> tuple[int, int]:
        """The span of the printed text behind a span of the view (`start < end`)."""
        return self.starts[start], self.ends[end - 1]


def view(text: str) -> View:
    """The view of a printed text.

    >>> seen = view("輝達：「晶片３．５％」")
    >>> seen.text, seen.printed(0, 3)
    ('英伟达：“芯片3.5%”', (0, 2))
    """
    folded = script.normalize_width(script.simplify(text)).translate(_QUOTES)
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    done = 0
    for match in _WORDS.finditer(folded):
        first, last = match.span()
        word = REGIONAL[match.group()]
        parts += [folded[done:first], word]
        starts += [*range(done, first), *[first] * len(word)]
        ends += [*range(done + 1, first + 1), *[last] * len(word)]
        done = last
    parts.append(folded[done:])
    starts += range(done, len(folded))
    ends += range(done + 1, len(folded) + 1)
    return View("".join(parts), starts, ends)
