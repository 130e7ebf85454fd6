"""Traditional and simplified script, full and half width: foldings that keep every offset.

They are for analysis only. What is stored and shown stays as printed; since each character becomes
exactly one character, a span found in the folded text is the span in the printed one.
"""

import re
import string

from lichang.characters import SHARED, SIMPLIFIED, TRADITIONAL
from lichang.records import Script

_TO_SIMPLIFIED = str.maketrans(TRADITIONAL, SIMPLIFIED)
_TRADITIONAL = frozenset(TRADITIONAL)
_ONLY_SIMPLIFIED = frozenset(SIMPLIFIED) - frozenset(SHARED)

# Characters that stand for two simplified ones, told apart by their neighbours: 隨著 but 著名, 回覆 but 覆蓋.
_BY_NEIGHBOUR = {
    "著": (re.compile("(?<![名原论論专專译譯编編合巨遗遺显顯卓昭土撰])著(?![名作称稱者述书書录錄])"), "着"),
    "覆": (re.compile("(?<=[反答回重批])覆(?![盖蓋])"), "复"),
    "畫": (re.compile("(?<=[計規籌])畫(?![面作像圖家])"), "划"),
    "瞭": (re.compile("瞭(?=解)|(?<=明)瞭"), "了"),
    "藉": (re.compile("藉(?=[由此以口助機故])|(?<=憑)藉"), "借"),
    "甚": (re.compile("甚(?=[么麼麽])"), "什"),
}

_HALF_WIDTH = string.digits + string.ascii_letters + "%."
_FULL_WIDTH = frozenset(chr(ord(half) + 0xFEE0) for half in _HALF_WIDTH)
_TO_HALF_WIDTH = {ord(full): ord(full) - 0xFEE0 for full in _FULL_WIDTH}


def detect(text: str) -> Script:
    """The script that most of the text is printed in; ``hans`` where nothing tells.

    >>> detect("美國對華晶片出口管制"), detect("美国对华芯片出口管制"), detect("台北")
    ('hant', 'hans', 'hans')
    """
    traditional = sum(map(_TRADITIONAL.__contains__, text))
    simplified = sum(map(_ONLY_SIMPLIFIED.__contains__, text))
    return "hant" if traditional > simplified else "hans"


def simplify(text: str) -> str:
    """The text in simplified characters, of the same length; words stay those of its region.

    >>> simplify("輝達說，這意味著晶片依賴。")
    '辉达说，这意味着晶片依赖。'
    >>> simplify("顯著、著名、皇后")
    '显著、著名、皇后'
    """
    for character, (pattern, simple) in _BY_NEIGHBOUR.items():
        if character in text:
            text = pattern.sub(simple, text)
    return text if _TRADITIONAL.isdisjoint(text) else text.translate(_TO_SIMPLIFIED)


def normalize_width(text: str) -> str:
    """The text with full-width letters, digits, ％ and ． as ASCII, of the same length.

    >>> normalize_width("Ｈ２００涨了３．５％，")
    'H200涨了3.5%，'
    """
    return text if _FULL_WIDTH.isdisjoint(text) else text.translate(_TO_HALF_WIDTH)
