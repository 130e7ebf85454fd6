"""A text that is nothing but numbers, such as a cell of a table: 3500, 贰拾点伍陆, 一千到一千五百, 大于3."""

import re
from fractions import Fraction

from lichang.figures import bounds
from lichang.figures.numerals import START, Numeral, read, scale_of
from lichang.figures.reading import Reading
from lichang.figures.units import unit_at
from lichang.records import Bound

_START = re.compile(rf"{START}|\.\d")
_LEAD = 12  # characters that bound words before a number may take
_SIGN = re.compile(r"(?:(?P<minus>-|负|零下)|\+)[ ]?")
_POINT = re.compile(r"\.\d{1,40}")
_JOIN = re.compile(r"[ ]?(?:-{1,2}|~|至|到|(?P<between>与|和))[ ]?")
_BETWEEN = re.compile("之?间")
_SEPARATOR = re.compile(r"\s++(?:[,，、;；。/|]\s*+)?|[,，、;；。/|]\s*+")
_AND = re.compile(r"[ ]?(?:并且?|且|[,，、])?[ ]*")


def alone(plain: str) -> list[Reading]:
    """The numbers of a folded text that holds numbers, bound words, separators and blanks alone; else none.

    >>> [(int(r.low), int(r.high), r.bound) for r in alone("二百三十三，大于5") if r.low and r.high]
    [(233, 233, 'eq'), (5, 5, 'ge')]
    >>> alone("二百五，还有")
    []
    """
    found: list[Reading] = []
    at, stop = len(plain) - len(plain.lstrip()), len(plain.rstrip())
    while item := _item(plain, at):
        found.append(item)
        if item.end >= stop:
            return found
        separator = _SEPARATOR.match(plain, item.end)
        if separator is None:
            return []
        at = separator.end()
        if at >= stop:
            return found
    return []


def between_bounds(plain: str, start: int) -> Reading | None:
    """The range that two bounds make around the unitless number at ``start``: 高于2并低于5; else None.

    >>> between_bounds("取值高于2并低于5时", 4)[2:5]
    ('count', Fraction(2, 1), Fraction(5, 1))
    >>> between_bounds("取值高于2时", 4) is None
    True
    """
    lead = bounds.before(plain, start)
    at = lead.start if lead else start
    first = _bounded(plain, at)
    found = first and _between(plain, first)
    return None if found is None or unit_at(plain, found.end) else found


def _item(plain: str, at: int) -> Reading | None:
    """One number or range that begins at ``at``: 5, 3到5, 大于1并小于3, 1000以上,1500以下."""
    first = _bounded(plain, at)
    return first and (_between(plain, first) or _ranged(plain, first))


def _between(plain: str, first: Reading) -> Reading | None:
    """The range from ``first``, a lower bound, to an upper bound that follows it."""
    joined = _AND.match(plain, first.end)
    if joined is None or first.bound != "ge" or first.low is None:
        return None
    second = _bounded(plain, joined.end())
    if second is None or second.bound != "le" or second.high is None or second.high <= first.low:
        return None
    return first._replace(end=second.end, high=second.high, bound="range")


def _bounded(plain: str, at: int) -> Reading | None:
    """A signed number with the bound words before and behind it."""
    sign = _SIGN.match(plain, at)
    start = sign.end() if sign else at
    bound: Bound | None = None
    match = _START.search(plain, start, start + _LEAD)
    if match and match.start() > start and not sign:
        lead = bounds.before(plain, match.start())
        if lead is None or lead.start != at:
            return None
        start, bound = match.start(), lead.bound
    numeral = _numeral(plain, start)
    if numeral is None or numeral.vague:
        return None
    more = plain[numeral.end : numeral.end + 1] in ("多", "余", "+")
    own: Bound = "ge" if more else _own_bound(numeral)
    end = numeral.end + more
    tail = bounds.after(plain, end)
    if tail:
        end, bound = tail[0], bound or tail[1]
    low, high = (-numeral.high, -numeral.low) if sign and sign["minus"] else (numeral.low, numeral.high)
    return Reading(at, end, "count", low, high, bound=bound or own)


def _own_bound(numeral: Numeral) -> Bound:
    if numeral.low != numeral.high:
        return "range"
    return "ge" if numeral.more else "approx" if numeral.loose else "eq"


def _numeral(plain: str, start: int) -> Numeral | None:
    """The numeral at ``start``; .77 is one where nothing stands before it."""
    if point := _POINT.match(plain, start):
        value = Fraction(f"0{point[0]}")
        return Numeral(start, point.end(), value, value)
    return read(plain, start)


def _ranged(plain: str, first: Reading) -> Reading | None:
    """``first``, or its range: 10~20, 三到五万, 10000与20000之间; None for 010-1234, a telephone's."""
    join = _JOIN.match(plain, first.end)
    if join is None or first.bound != "eq" or first.low is None:
        return first
    other = _numeral(plain, join.end())
    if other is None or not other.exact or re.match(r"0\d", plain[first.start : first.start + 2]):
        return None
    close, low, scale = _BETWEEN.match(plain, other.end), first.low, scale_of(plain, other)
    if scale > 1 and scale_of(plain, first) == 1 and low * scale < other.high:
        low *= scale
    if low >= other.high or (join["between"] and not close):
        return None
    end = close.end() if close else other.end
    return first._replace(end=end, low=low, high=other.high, bound="range")
