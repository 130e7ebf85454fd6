"""Traditional and simplified script, full and half width: foldings that keep every offset.

They are for analysis only. What is stored and shown stays as printed; since each character becomes
exactly one character, a span found in the folded text is the span in the printed one.
"""

import re
import string
import sys
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from lichang.characters import SHARED, SIMPLIFIED, TRADITIONAL
from lichang.records import Script

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_LONG = 200  # characters from which arrays are quicker than a look at each

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

# A rare form of one of those (U+FA5F) stays: simplified to 著 it would become 着 when it is simplified again.
_TO_SIMPLIFIED = {
    ord(traditional): ord(simple)
    for traditional, simple in zip(TRADITIONAL, SIMPLIFIED, strict=True)
    if simple not in _BY_NEIGHBOUR
}

_HALF_WIDTH = string.digits + string.ascii_letters + "%."
_FULL_WIDTH = frozenset(chr(ord(half) + 0xFEE0) for half in _HALF_WIDTH)
_TO_HALF_WIDTH = {ord(full): ord(full) - 0xFEE0 for full in _FULL_WIDTH}

_SIGNS = {half: chr(ord(half) + 0xFEE0) for half in ",;:?!"}
_HALF_SIGN = re.compile(r"(?<=[\u4e00-\u9fff”」』）)])[,;:?!]|[,;:?!](?=[\u4e00-\u9fff“「『])")


def detect(text: str) -> Script:
    """The script that most of the text is printed in; ``hans`` where nothing tells.

    >>> detect("美國對華晶片出口管制"), detect("美国对华芯片出口管制"), detect("台北")
    ('hant', 'hans', 'hans')
    """
    if len(text) < _LONG:
        traditional = sum(map(_TRADITIONAL.__contains__, text))
        simplified = sum(map(_ONLY_SIMPLIFIED.__contains__, text))
    else:
        sides = _sides()[_codes(text)]
        traditional, simplified = int((sides > 0).sum()), int((sides < 0).sum())
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
    if len(text) < _LONG:
        return text if _TRADITIONAL.isdisjoint(text) else text.translate(_TO_SIMPLIFIED)
    return _replace(text, _simplified())


def normalize_width(text: str) -> str:
    """The text with full-width letters, digits, ％ and ． as ASCII, of the same length.

    >>> normalize_width("Ｈ２００涨了３．５％，")
    'H200涨了3.5%，'
    """
    if len(text) < _LONG:
        return text if _FULL_WIDTH.isdisjoint(text) else text.translate(_TO_HALF_WIDTH)
    return _replace(text, _half_width())


def widen_signs(text: str) -> str:
    """The text with the half-width `,` `;` `:` `?` `!` of a Chinese sentence at full width, of the same length.

    >>> widen_signs("他说:好,卖1,000张,H20!")
    '他说：好，卖1,000张，H20!'
    """
    return _HALF_SIGN.sub(lambda match: _SIGNS[match[0]], text)


def _codes(text: str) -> "npt.NDArray[np.uint32]":
    import numpy as np  # a run that finds nothing new goes without it

    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")


def _replace(text: str, table: "npt.NDArray[np.uint32]") -> str:
    codes = _codes(text)
    replaced = table[codes]
    return text if (codes == replaced).all() else replaced.tobytes().decode("utf-32-le", "surrogatepass")


@cache
def _simplified() -> "npt.NDArray[np.uint32]":
    return _table(_TO_SIMPLIFIED)


@cache
def _half_width() -> "npt.NDArray[np.uint32]":
    return _table(_TO_HALF_WIDTH)


def _table(mapping: Mapping[int, int]) -> "npt.NDArray[np.uint32]":
    """What each character becomes, by its code point."""
    import numpy as np

    table = np.arange(sys.maxunicode + 1, dtype="<u4")
    table[list(mapping)] = list(mapping.values())
    return table


@cache
def _sides() -> "npt.NDArray[np.int8]":
    """1 for characters of traditional script, -1 for those of simplified script only, 0 for others."""
    import numpy as np

    sides = np.zeros(sys.maxunicode + 1, np.int8)
    sides[[ord(character) for character in _ONLY_SIMPLIFIED]] = -1
    sides[[ord(character) for character in _TRADITIONAL]] = 1
    return sides
