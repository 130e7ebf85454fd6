"""Figures that carry no unit: ranks, fractions, ratios, 一半, 翻番, 腰斩."""

import re
from fractions import Fraction

from lichang.figures import bounds
from lichang.figures.numerals import Numeral, read
from lichang.figures.reading import Reading
from lichang.figures.units import unit_at
from lichang.records import Bound

_DOUBLED = re.compile("翻了?([一两二三四])?(?:番|倍)(?!身|来|译)")
_HALVES: dict[str, tuple[int, Bound]] = {
    "过半数": (50, "ge"),
    "过半": (50, "ge"),
    "近半数": (50, "approx"),
    "近半": (50, "approx"),
    "半数以上": (50, "ge"),
    "半数": (50, "eq"),
    "腰斩": (50, "eq"),
}
_NONE = re.compile("[为到是了]零(?=$|[。，；、”）\n])")
_RANK = re.compile(r"第(?=[\d一二三四五六七八九十百千])|[前头](?=\d|[一二三四五六七八九十])")
_RANK_TAIL = re.compile("大(?!道|会|街|楼)|好|高|低|强|位|名|次(?!产|世)|轮|回")
_RANK_HEAD = re.compile("(?:全球|世界|全国|亚洲|全美)$")
_RANKED = re.compile(
    "(?:排名?|排在|位居|位列|名列|居|列|跃居|跃升|退居|升至|降至|跌至|跻身|进入|排到|全球|世界|全国|国内|亚洲|板|榜)"
    "(?:了|前|至|到|为)?$|位居[^，。；]{1,10}$"
)
_RATIO = re.compile(r"比(?:一|1)(?![\d.一二三四五六七八九十百千万])")
_SLASH = re.compile(r"(\d{1,2})/(\d{1,2})(?![\d/.A-Za-z年月])")


def doubled_at(plain: str, start: int) -> Reading | None:
    """翻一番 (2), 翻了两番 (4), 翻倍 (2), with what bounds it behind."""
    match = _DOUBLED.match(plain, start)
    if not match:
        return None
    times = Fraction(2 ** {"两": 2, "二": 2, "三": 3, "四": 4}.get(match[1] or "", 1))
    tail = bounds.after(plain, match.end())
    end, bound = tail or (match.end(), "eq")
    return Reading(start, end, "multiple", times, times, unit="x", bound=bound)


def half_at(plain: str, start: int) -> Reading | None:
    """过半, 近半数, 腰斩 as half in percent; 零 as none where a share has come to it."""
    for word, (value, bound) in _HALVES.items():
        if plain.startswith(word, start):
            half = Fraction(value)
            return Reading(start, start + len(word), "percent", half, half, unit="%", bound=bound)
    if start and _NONE.match(plain, start - 1):
        return Reading(start, start + 1, "percent", Fraction(0), Fraction(0), unit="%")
    return None


def some_at(plain: str, start: int) -> Reading | None:
    """上百名, 上亿: many, without a value."""
    numeral = read(plain, start + 1) if plain[start] == "上" else None
    if numeral is None or not numeral.bare:
        return None
    unit = unit_at(plain, numeral.end)
    return Reading(start, numeral.end + (len(unit[0]) if unit else 0), "vague")


def rank_at(plain: str, start: int) -> Reading | None:
    """第二大, 全球第三, 前五; None for the ordinals of a text: 第一, 第三方."""
    if not _RANK.match(plain, start):
        return None
    numeral = read(plain, start + 1)
    if numeral is None or not numeral.exact or numeral.low.denominator != 1:
        return None
    head = _RANK_HEAD.search(plain, max(0, start - 2), start)
    tail = _RANK_TAIL.match(plain, numeral.end)
    known = bool(head or _RANKED.search(plain, max(0, start - 14), start))
    begin = head.start() if head else start
    if plain[start] == "第":
        counted = tail is not None and (tail[0] not in "次轮回名位" or numeral.low > 1)
        if not counted and (
            not known or (tail is None and "一" <= plain[numeral.end : numeral.end + 1] <= "龥")
        ):
            return None
        return Reading(begin, tail.end() if tail else numeral.end, "rank", numeral.low, numeral.low)
    if plain[numeral.end : numeral.end + 1] in ("个", "年", "天", "月", "周", "次", "排"):
        return None
    if known or (tail is not None and tail[0] in "大强名位"):
        return Reading(begin, numeral.end, "rank", numeral.low, numeral.low)
    return None


def fraction_at(plain: str, first: Numeral) -> Reading | None:
    """三分之一, 百分之十二点四, 一又三分之一, 1/3 and 一半, in percent."""
    start, end = first.start, first.end
    if plain[start:end] == "一" and plain.startswith("半", end) and not plain.startswith("半天", end):
        return Reading(start, end + 1, "percent", Fraction(50), Fraction(50), unit="%")
    if plain.startswith("又", end) and first.exact:
        second = read(plain, end + 1)
        part = fraction_at(plain, second) if second else None
        if part is None or part.low is None or part.high is None:
            return None
        whole = first.low * 100
        return part._replace(start=start, low=whole + part.low, high=whole + part.high)
    if slash := _SLASH.match(plain, start):
        return _slashed(plain, slash)
    if plain.startswith("百分", start) and plain[end - 2 : end] != "分之" and plain.startswith("分", end):
        short = read(plain, end + 1)
        if plain[start:end] == "百" and short and short.exact:
            return Reading(start, short.end, "percent", short.low, short.high, unit="%")
    if not plain.startswith("分之", end) or not first.low:
        return None
    upper = read(plain, end + 2)
    if upper is None:
        return None
    if upper.vague:
        return Reading(start, upper.end, "vague")
    if upper.bare and first.low != 100:
        return None
    bound: Bound = "range" if upper.low != upper.high else "ge" if upper.more else "eq"
    low, high = (value / first.low * 100 for value in (upper.low, upper.high))
    return Reading(start, upper.end, "percent", low, high, unit="%", bound=bound)


def _slashed(plain: str, match: re.Match[str]) -> Reading | None:
    """1/3, unless it is part of a date or an address."""
    over, under = int(match[1]), int(match[2])
    if not 0 < over < under or plain[max(0, match.start() - 1) : match.start()] in ("/", ".", "-"):
        return None
    share = Fraction(100 * over, under)
    return Reading(match.start(), match.end(), "percent", share, share, unit="%")


def ratio_at(plain: str, first: Numeral) -> Reading | None:
    """四比一, 31比1 as a multiple."""
    match = _RATIO.match(plain, first.end)
    if not match or not first.exact:
        return None
    return Reading(first.start, match.end(), "multiple", first.low, first.high, unit="x")
