"""Chinese and Arabic numerals: 3,500, ３５００, 25万6千, 三千五百, 两三百亿, 十余万 → numbers."""

import re
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from lichang.characters import SIMPLIFIED, TRADITIONAL

DIGITS = {
    "零": 0,
    "〇": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
SMALL = {"十": 10, "百": 100, "千": 1000}
# 兆 is 10**12 where it counts things (Taiwan); 兆瓦 is a unit and never gets here.
BIG = {"万": 10**4, "亿": 10**8, "兆": 10**12}
SCALES = SMALL | BIG

_DIGIT, _SCALE = "".join(DIGITS), "".join(SCALES)
_ARABIC = r"(?:\d{1,3}(?:,\d{3}(?!\d))++|\d++)(?:\.\d++)?+"
# One piece after another, each possessive: a failed match never looks back.
NUMERAL = re.compile(
    rf"(?:{_ARABIC}|[{_DIGIT}几数{_SCALE}半])"
    rf"(?:[{_DIGIT}几{_SCALE}]|(?<=[{_SCALE}])\d++(?:\.\d++)?+|[多余来](?=[{_SCALE}])|点(?=[{_DIGIT}])(?![一二两三四五六七八九]?十))*+"
)
# The forms of cheques and contracts; alone they are surnames and parts of words (大陆, 队伍).
FORMAL = re.compile(r"(?=[壹贰叁肆伍陆柒捌玖][零拾佰仟万亿元圆])[零壹贰叁肆伍陆柒捌玖拾佰仟万亿]++")
_PLAIN_FORMS = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟", "一二三四五六七八九十百千")
_PIECE = re.compile(rf"{_ARABIC}|.")
_PAIR = re.compile(
    r"(?<![零〇一二两三四五六七八九])([一二两三四五六七八九])([二两三四五六七八九])(?![零〇一二两三四五六七八九])"
)


def _fold_table() -> dict[int, int]:
    """Full-width forms and traditional characters, each to one plain character: offsets stay."""
    table = {ord(old): ord(new) for old, new in zip(TRADITIONAL, SIMPLIFIED, strict=True)}
    wide = "０１２３４５６７８９．％＋－／～＄￥：—–" + "".join(map(chr, range(0xFF21, 0xFF5B)))
    plain = "0123456789.%+-/~$¥:--" + "".join(map(chr, range(0x41, 0x7B)))
    return table | {ord(old): ord(new) for old, new in zip(wide, plain, strict=True)} | {ord("×"): ord("x")}


_FOLD = _fold_table()


def fold(text: str) -> str:
    """Text of the same length in simplified characters and half-width digits, for reading only.

    >>> fold("１５萬輛，約３％")
    '15万辆，约3%'
    """
    return text.translate(_FOLD)


class Numeral(NamedTuple):
    """A number as read from ``plain[start:end]``."""

    start: int
    end: int
    low: Fraction
    high: Fraction  # differs from low in 两三百, 七八
    more: bool = False  # 多, 余: a little above
    loose: bool = False  # 来: about
    vague: bool = False  # 几, 数, 上百: no number can be named
    bare: bool = False  # nothing but a scale: 百, 万亿

    @property
    def exact(self) -> bool:
        """Whether one number is named without 多, 来 or 几."""
        return self.low == self.high and not (self.more or self.loose or self.vague)


def number(value: Fraction) -> int | float:
    """The value as JSON would print it: an int where it is whole, else rounded to six decimals."""
    return value.numerator if value.denominator == 1 else round(float(value), 6)


def _value(run: str) -> Fraction | None:
    """The value of one numeral without 多, 几 or digit pairs; None where it is not well formed."""
    total = section = Fraction(0)
    current: Fraction | None = None
    last = 0  # the scale just read, for 三千八 = 3800
    zero = False
    pieces = _PIECE.findall(run)
    for place, piece in enumerate(pieces):
        if piece in BIG:
            scale = BIG[piece]
            section += current if current is not None else 0
            if place == 0:
                section = Fraction(1)
            # 1.2万亿 multiplies all before it; 三亿五千万 only the last section.
            if total and last and total >= scale:
                total += (section or 1) * scale
            else:
                total = (total + section) * scale
            section, current, last, zero = Fraction(0), None, scale, False
        elif piece in SMALL:
            scale = SMALL[piece]
            section += (Fraction(1) if current is None else current) * scale
            current, last, zero = None, scale, False
        elif piece in DIGITS:
            if current is not None and not zero:
                return None
            current = Fraction(DIGITS[piece])
            zero = DIGITS[piece] == 0
        elif piece == "点":
            return _with_decimals(run, pieces, place)
        elif piece[0].isdigit():
            if current is not None:
                return None
            current = Fraction(piece.replace(",", ""))
            zero = False
        else:
            return None
    if current is not None and last > 10 and not section % last and len(pieces) > 1 and current < 10:
        before = pieces[-2]
        # 三千八 is 3800 and 两万五 is 25000, but 三千零八 is 3008 and 一百一十二 is 112.
        if before in SCALES:
            return total + section + current * SCALES[before] / 10
    return total + section + (current or 0)


def _with_decimals(run: str, pieces: list[str], place: int) -> Fraction | None:
    """三点五, 一点二五万, 二十点零八亿."""
    whole = _value("".join(pieces[:place])) if place else Fraction(0)
    digits = ""
    rest = place + 1
    while rest < len(pieces) and pieces[rest] in DIGITS:
        digits += str(DIGITS[pieces[rest]])
        rest += 1
    if whole is None or not digits:
        return None
    value = whole + Fraction(int(digits), 10 ** len(digits))
    for piece in pieces[rest:]:
        if piece not in SCALES:
            return None
        value *= SCALES[piece]
    return value


def _digit_string(run: str) -> Fraction | None:
    """二〇二三 as 2023; one digit after another, as years and telephone numbers are read out."""
    if len(run) > 1 and all(c in DIGITS for c in run):
        return Fraction(int("".join(str(DIGITS[c]) for c in run)))
    return None


@lru_cache(maxsize=4096)
def _parse(run: str) -> tuple[Fraction, Fraction, bool, bool, bool, bool] | None:
    """(low, high, more, loose, vague, bare) of a numeral as ``NUMERAL`` finds it."""
    if "几" in run or "数" in run:
        return Fraction(0), Fraction(0), False, False, True, False
    if run == "半":
        return Fraction(1, 2), Fraction(1, 2), False, False, False, False
    more, loose = "多" in run or "余" in run, "来" in run
    clean = run.replace("多", "").replace("余", "").replace("来", "")
    bare = all(c in BIG or c in "百千" for c in clean)
    pair = _PAIR.search(clean) if "点" not in clean else None
    if pair:
        first, second = DIGITS[pair[1]], DIGITS[pair[2]]
        if second == first + 1 or pair[0] == "三五":
            low = _value(clean[: pair.end(1)] + clean[pair.end() :])
            high = _value(clean[: pair.start()] + clean[pair.start(2) :])
            if low is not None and high is not None and low < high:
                return low, high, more, loose, False, False
    value = _value(clean)
    if value is None:
        value = _digit_string(clean)
    if value is None:
        return None
    return value, value, more, loose, False, bare


def read(plain: str, start: int) -> Numeral | None:
    """The numeral that begins at ``start`` of folded text, or None.

    >>> read("约25万6千张", 1).low == 256000
    True
    >>> read("两三百亿", 0)[2:4] == (200 * 10**8, 300 * 10**8)
    True
    >>> read("张三", 0) is None
    True
    """
    match = NUMERAL.match(plain, start) or FORMAL.match(plain, start)
    if not match:
        return None
    run = match[0].translate(_PLAIN_FORMS)
    if len(run) > 40:
        # No one prints such a number; it is padding or an attack, and reading it would cost its square.
        return None
    end = match.end()
    parsed = _parse(run)
    while parsed is None and len(run) > 1:
        run, end = run[:-1], end - 1
        if run[-1] not in "点.,多余来":
            parsed = _parse(run)
    return Numeral(start, end, *parsed) if parsed else None
