"""Lengths of time to ISO 8601: 三年, 两年半, 一个半小时, 36天5小时30分, 三到五年."""

import re
from fractions import Fraction

from lichang.figures import bounds
from lichang.figures.numerals import Numeral, number, read
from lichang.figures.reading import Reading
from lichang.figures.units import DURATIONS, unit_at

# Designators from long to short; those of one column may follow one another in a sum.
_ORDER = ("Y", "M", "W", "D", "TH", "TM", "TS")
_HALVES = {"Y": (6, "M"), "M": (15, "D"), "D": (12, "TH"), "TH": (30, "TM"), "TM": (30, "TS")}
_AND = re.compile("[零又、，, ]?")
_POINTED = re.compile("[这那同哪下前某头另当有全]$|(?<!马)上$")
_NOT_AFTER = re.compile("级|代(?!工|表)|货|前年|后年")
_ALONE = ("天", "日", "季", "个季度", "月", "载", "个交易日", "秒", "分钟")


def duration(plain: str, numeral: Numeral, word: str, end: int, *, half: bool = False) -> Reading | None:
    """The length of time that ``numeral`` and the unit ``word``, which ends at ``end``, begin.

    ``half`` says that 半 stood between them (两个半小时). None where the words are no length of time:
    有一天, 2025年, 三年级.
    """
    designator, times = DURATIONS[word]
    if numeral.bare or _NOT_AFTER.match(plain, end) or _is_date(plain, numeral, word, end):
        return None
    if plain[numeral.start : numeral.end] == "一" and _is_indefinite(plain, numeral.start, word):
        return None
    start, low, high = numeral.start, numeral.low * times, numeral.high * times
    if designator == "TS" and low.denominator != 1:
        return Reading(start, end, "quantity", low, high, unit="s")
    if low != high:
        return Reading(
            start, end, "duration", value=f"{iso(low, designator)}/{iso(high, designator)}", bound="range"
        )
    if plain[start : numeral.end] == "半":
        if designator not in _HALVES or times != 1:
            return None
        amount, smaller = _HALVES[designator]
        return Reading(start, end, "duration", value=iso(Fraction(amount), smaller))
    if half:
        return Reading(start, end, "duration", value=_and_half(low, designator, times))
    if (
        plain.startswith("半", end)
        and times == 1
        and designator in _HALVES
        and not plain.startswith(("半导", "半年"), end)
    ):
        tail = 2 if plain.startswith("半钟", end) else 1
        return Reading(start, end + tail, "duration", value=_and_half(low, designator, times))
    parts = [(low, designator)]
    end = _sum(plain, end, parts)
    return Reading(start, end, "duration", value=_total(parts))


def _and_half(low: Fraction, designator: str, times: int) -> str:
    """两年半, 两个半小时, 两个半月."""
    if designator == "Y":
        return f"P{number(low * 12 + 6)}M"
    if designator == "M":
        return f"P{number(low + Fraction(times, 2))}M"
    if designator == "W":
        return f"P{number(low + Fraction(1, 2))}W"
    amount, smaller = _HALVES[designator]
    return _total([(low, designator), (Fraction(amount), smaller)])


def _sum(plain: str, end: int, parts: list[tuple[Fraction, str]]) -> int:
    """Add the smaller lengths that follow, as in 1小时40分钟 and 一年又一个月; where they end."""
    while True:
        glue = _AND.match(plain, end)
        at = glue.end() if glue else end
        numeral = read(plain, at)
        if numeral is None or not numeral.exact or numeral.bare:
            return end
        found = unit_at(plain, numeral.end)
        word = (
            found[0]
            if found and found[1].kind == "duration"
            else "分"
            if plain.startswith("分", numeral.end)
            else ""
        )
        designator, times = ("TM", 1) if word == "分" else DURATIONS.get(word, ("", 0))
        shorter = designator in _ORDER and _ORDER.index(designator) > _ORDER.index(parts[-1][1])
        if not shorter or word in ("日", "月", "季", "周") or (word == "分" and parts[-1][1] != "TH"):
            return end
        if glue and glue[0] in ("、", "，", ",", " ") and glue[0]:
            return end  # a list of lengths, not a sum
        parts.append((numeral.low * times, designator))
        end = numeral.end + len(word)


def _total(parts: list[tuple[Fraction, str]]) -> str:
    """The parts of a sum as one duration."""
    days = "".join(f"{number(n)}{d}" for n, d in parts if d[0] != "T")
    time = "".join(f"{number(n)}{d[1]}" for n, d in parts if d[0] == "T")
    return f"P{days}T{time}" if time else f"P{days}"


def iso(value: Fraction, designator: str) -> str:
    """P3Y, PT90M, P1.4D."""
    return _total([(value, designator)])


def _is_date(plain: str, numeral: Numeral, word: str, end: int) -> bool:
    """Whether this is a month, a year or a word after all: 3月, 2025年, 周刊."""
    if word == "月":
        return True
    if word == "周":
        return plain.startswith(("刊", "报", "期", "边", "围", "年"), end)
    return word == "年" and numeral.low >= 1000 and plain[numeral.start].isdigit()


def _is_indefinite(plain: str, start: int, word: str) -> bool:
    """Whether 一 and a word of time measure nothing: 有一天, 这一年, 下一个季度."""
    if start and _POINTED.search(plain, max(0, start - 2), start):
        return True
    return word in _ALONE and bounds.before(plain, start) is None


def span(first: str, second: str) -> str:
    """A range of two durations, both in months where only one is in years.

    >>> span("P30M", "P3Y"), span("P45D", "P60D")
    ('P30M/P36M', 'P45D/P60D')
    """
    months, years = re.fullmatch(r"P\d+M", first), re.fullmatch(r"P(\d+)Y", second)
    return f"{first}/P{int(years[1]) * 12}M" if months and years else f"{first}/{second}"


def between(plain: str, first: Numeral, second: Reading) -> Reading | None:
    """三到五年: the unit of the second end is that of the first."""
    match = re.fullmatch(r"P(T?)[\d.]+([YMWDHS])", second.value or "")
    if not match:
        return None
    quarters = plain.endswith(("季度", "季"), second.start, second.end)
    low = iso(first.low * (3 if quarters else 1), match[1] + match[2])
    return Reading(first.start, second.end, "duration", value=f"{low}/{second.value}", bound="range")
