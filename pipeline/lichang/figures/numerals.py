"""Chinese and Arabic numerals: 3,500, ３５００, 25万6千, 三千五百, 两三百亿, 十余万 → numbers."""

import re
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple, Protocol

from lichang.characters import SIMPLIFIED, TRADITIONAL

DIGITS = {
    **{"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "俩": 2, "三": 3, "四": 4},
    **{"五": 5, "六": 6, "七": 7, "八": 8, "九": 9},
    # The forms of cheques and contracts.
    **{"壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9},
}
SMALL = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
# 兆 is 10**12 where it counts things (Taiwan); the 兆 of 兆瓦 goes to the unit.
BIG = {"万": 10**4, "亿": 10**8, "兆": 10**12}
SCALES = SMALL | BIG
LONGEST = 40  # characters; what is longer is padding or an attack, and no number of the news
TOO_LARGE = 10**30  # nothing counted comes near; what is larger would burst a database's numbers

_DIGIT, _SCALE = "零〇一二两三四五六七八九壹贰叁柒捌玖", "十百千佰仟万亿兆"
_FORMAL = "零壹贰叁肆伍陆柒捌玖拾佰仟"
# 肆, 伍, 陆 and 拾 are parts of words too (放肆, 队伍, 大陆, 收拾): read only beside another numeral.
_WORDY = rf"[肆伍陆拾](?=[{_DIGIT}{_SCALE}肆伍陆拾元圆]|分之)|(?<=[{_DIGIT}{_SCALE}拾])[肆伍陆拾](?!续|军|地)"
_ARABIC = r"(?:\d{1,3}(?:[,，]\d{3}(?![\d，]))++|\d{1,3}(?:,\d{3}(?!\d))++|\d++)(?:\.\d++)?+"
START = rf"[\d{_DIGIT}{_SCALE}半几俩]|数(?=[十百千万亿])|{_WORDY}"
# One piece after another, each possessive: a failed match never looks back.
_NUMERAL = re.compile(
    rf"(?:{_ARABIC}|[{_DIGIT}{_SCALE}几数半俩]|{_WORDY})"
    rf"(?:[{_DIGIT}{_SCALE}几]|{_WORDY}|(?<=[{_SCALE}零点])\d++(?:\.\d++)?+"
    rf"|[多余来](?=[{_SCALE}])|(?<=\d)[ ](?=多?[千万亿])"
    rf"|(?<=[肆伍陆])拾|(?<=[{_FORMAL}])点[{_FORMAL}]++"
    rf"|(?:点(?=[{_DIGIT}])|(?<=[{_DIGIT}{_SCALE}])点(?=\d))(?![一二两三四五六七八九]?十))*+"
)
_PIECE = re.compile(rf"{_ARABIC}|.")
_PLAIN_DIGITS = "一二两三四五六七八九"
_PAIR = re.compile(
    rf"(?<![零〇{_PLAIN_DIGITS}])([{_PLAIN_DIGITS}])([{_PLAIN_DIGITS}])(?![零〇{_PLAIN_DIGITS}])"
)


def _fold_table() -> dict[int, int]:
    """Full-width forms and traditional characters, each to one plain character: offsets stay."""
    table = {ord(old): ord(new) for old, new in zip(TRADITIONAL, SIMPLIFIED, strict=True)}
    wide = "０１２３４５６７８９．％＋－／～＄￥：—–−〜" + "".join(map(chr, range(0xFF21, 0xFF5B)))
    plain = "0123456789.%+-/~$¥:---~" + "".join(map(chr, range(0x41, 0x7B)))
    odd = {"參": "叁", "貳": "贰", "陸": "陆"}
    return (
        table
        | {ord(a): ord(b) for a, b in zip(wide, plain, strict=True)}
        | {ord(a): ord(b) for a, b in odd.items()}
    )


_FOLD = _fold_table()


def fold(text: str) -> str:
    """Text of the same length in simplified characters and half-width digits, for reading only.

    >>> fold("１５萬輛，約３％")
    '15万辆，约3%'
    """
    return text.translate(_FOLD)


class HasSpan(Protocol):
    """What lies at ``start`` to ``end`` of a text."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


class Numeral(NamedTuple):
    """A number as read from ``plain[start:end]``."""

    start: int
    end: int
    low: Fraction
    high: Fraction  # differs from low in 两三百, 七八
    more: bool = False  # 多, 余: a little above
    loose: bool = False  # 来: about
    vague: bool = False  # 几, 数: no number can be named
    bare: bool = False  # nothing but a scale: 百, 万亿

    @property
    def exact(self) -> bool:
        """Whether one number is named without 多, 来 or 几."""
        return self.low == self.high and not (self.more or self.loose or self.vague)


def number(value: Fraction) -> int | float:
    """The value as JSON would print it: an int where it is whole, all its decimals, or six of endless ones.

    >>> number(Fraction(1595, 10) * 10**8), number(Fraction("0.2398412")), number(Fraction(100, 3))
    (15950000000, 0.2398412, 33.333333)
    """
    if value.denominator == 1:
        return value.numerator
    if pow(10, value.denominator.bit_length(), value.denominator) == 0:  # no prime but 2 and 5
        return float(value)
    rounded = round(float(value), 6)
    return rounded if abs(rounded) >= 0.001 else float(value)


class _Sum:
    """A number as it is read piece by piece: whole sections of 万 and 亿, the section at hand, a digit."""

    def __init__(self) -> None:
        self.total = self.section = Fraction(0)
        self.digit: Fraction | None = None
        self.zero = False  # the digit at hand is 零, which another may follow
        self.before = 0  # the scale just read, for 三千八

    def scale(self, piece: str, first: bool) -> None:
        """Take 十, 百, 千, 万, 亿 or 兆."""
        by = SCALES[piece]
        if piece in SMALL:
            self.section += (1 if self.digit is None or self.zero else self.digit) * by
        else:
            self.section += self.digit or (1 if first else 0)
            if not self.total or by > self.total or not self.section:
                # 1.2万亿 multiplies all before it, 三亿五千万 the last section alone.
                self.total = (self.total + self.section) * by
            else:
                self.total += self.section * by
            self.section = Fraction(0)
        self.digit, self.zero, self.before = None, False, by

    def take(self, value: Fraction, zero: bool) -> bool:
        """Take a digit; False where two stand side by side."""
        if self.digit is not None and not self.zero:
            return False
        self.digit, self.zero = value, zero
        return True

    def result(self, colloquial: bool) -> Fraction:
        """The number; ``colloquial`` if a digit stands right behind a scale: 三千八 is 3800."""
        last = self.digit or Fraction(0)
        if colloquial and self.before > 10 and last < 10:
            last = last * self.before / 10
        return self.total + self.section + last


def _value(run: str) -> Fraction | None:
    """The value of one numeral without 多, 几 or digit pairs; None where it is not well formed."""
    so_far = _Sum()
    pieces = _PIECE.findall(run)
    if "点" in pieces:
        return _decimal(pieces, pieces.index("点"))
    for place, piece in enumerate(pieces):
        if piece in SCALES:
            so_far.scale(piece, place == 0)
        elif piece in DIGITS:
            if not so_far.take(Fraction(DIGITS[piece]), DIGITS[piece] == 0):
                return None
        elif piece[0].isdigit():
            if not so_far.take(Fraction(piece.replace(",", "").replace("，", "")), False):
                return None
        else:
            return None
    return so_far.result(len(pieces) > 1 and pieces[-2] in SCALES and pieces[-1] in DIGITS)


def _decimal(pieces: list[str], place: int) -> Fraction | None:
    """三点五, 一点二五万, 二十点零八亿, of which ``pieces[place]`` is the point."""
    whole = _value("".join(pieces[:place])) if place else Fraction(0)
    if whole is None:
        whole = _spelled("".join(pieces[:place]))
    digits, rest = "", place + 1
    while rest < len(pieces) and (pieces[rest] in DIGITS or pieces[rest].isdigit()):
        digits += str(DIGITS.get(pieces[rest], pieces[rest]))
        rest += 1
    if whole is None or not digits:
        return None
    value = whole + Fraction(int(digits), 10 ** len(digits))
    for piece in pieces[rest:]:
        if piece not in SCALES:
            return None
        value *= SCALES[piece]
    return value


def _spelled(run: str) -> Fraction | None:
    """二〇二三 as 2023: digit after digit, as years and telephone numbers are read out."""
    if len(run) > 1 and all(c in DIGITS for c in run):
        return Fraction(int("".join(str(DIGITS[c]) for c in run)))
    return None


Parsed = tuple[Fraction, Fraction, bool, bool, bool, bool]


@lru_cache(maxsize=4096)
def _parse(run: str) -> Parsed | None:
    """(low, high, more, loose, vague, bare) of a numeral, or None."""
    if "几" in run or "数" in run:
        return Fraction(0), Fraction(0), False, False, True, False
    if run == "半":
        return Fraction(1, 2), Fraction(1, 2), False, False, False, False
    more, loose = "多" in run or "余" in run, "来" in run
    clean = run.replace("多", "").replace("余", "").replace("来", "")
    pair = None if "点" in clean else _PAIR.search(clean)
    if pair and (DIGITS[pair[2]] == DIGITS[pair[1]] + 1 or pair[0] == "三五"):
        low = _value(clean[: pair.end(1)] + clean[pair.end() :])
        high = _value(clean[: pair.start()] + clean[pair.start(2) :])
        if low is not None and high is not None and low < high:
            return low, high, more, loose, False, False
    value = _value(clean)
    if value is None:
        value = _spelled(clean)
    if value is None:
        return None
    return value, value, more, loose, False, all(c in "百千万亿兆佰仟" for c in clean)


def read(plain: str, start: int) -> Numeral | None:
    """The numeral that begins at ``start`` of folded text, or None.

    >>> read("约25万6千张", 1).low == 256000
    True
    >>> read("两三百亿", 0)[2:4] == (200 * 10**8, 300 * 10**8)
    True
    >>> read("张三", 0) is None
    True
    """
    match = _NUMERAL.match(plain, start)
    if not match or match.end() - start > LONGEST:
        return None
    run, end = match[0], match.end()
    blank = run.count(" ")  # 500 万
    run = run.replace(" ", "")
    if run.endswith("两") and len(run) > 1 and run[-2] not in "一百千万亿":
        run, end = run[:-1], end - 1  # 二两: a weight
    parsed = _parse(run)
    while parsed is None and len(run) > 1:
        run, end = run[:-1], end - 1
        if run[-1] not in "点.,，多余来" and not blank:
            parsed = _parse(run)
    return Numeral(start, end, *parsed) if parsed and parsed[1] < TOO_LARGE else None


def scale_of(plain: str, span: HasSpan) -> int:
    """The scale that ``plain[span.start:span.end]`` ends with: 10000 of 8万, else 1."""
    scale, at = 1, span.end - 1
    while at >= span.start and plain[at] in BIG:
        scale, at = scale * BIG[plain[at]], at - 1
    return scale


def past(plain: str, start: int) -> int:
    """Where the run of numeral characters at ``start`` ends; for going on behind one that cannot be read."""
    match = _NUMERAL.match(plain, start)
    return match.end() if match else start + 1
