"""Money: which currency a sum is in, and the coins behind it."""

import re
from fractions import Fraction

from lichang.figures.numerals import read
from lichang.figures.reading import Reading
from lichang.figures.units import PREFIXES

_AFTER = (("人民币", "CNY"), ("新台币", "TWD"), ("台币", "TWD"), ("港币", "HKD"), ("日币", "JPY"))
# Words of sums, before a number that leaves its 元 out: 效益约为7.7亿.
_SUMS = re.compile(
    "(?:收入|营收|利润|投资|市值|金额|成本|花了?|价格?|融资|规模|亏损?|赚了?|罚款|罚|资产|支出|募资|预算|补贴|货值|贷款|总额"
    "|估值|工资|奖金|赔了?|卖到|跌破|涨到|效益|计提|减值|票房|营业额|利息|费用?|抽成)"
    "(?:约|近|从|的|达|超|超过|逾|为|了|到|是|高达|共|合计|在)*$"
)
_PIECE_ENDS = "。，,、；;！？!?)）”」 \n上左以的就降涨升到一二三四五六七八九0123456789"


def local_currency(text: str, plain: str) -> str:
    """What a bare 元 is, by the places and currencies that the text names; CNY unless they say otherwise."""
    if "新台币" in plain and "人民币" not in plain:
        return "TWD"
    if sum(text.count(c) for c in "億萬這個們產為") < 2:
        return "CNY"
    marks = {
        "MOP": sum(map(plain.count, ("澳门",))),
        "HKD": sum(map(plain.count, ("港元", "香港", "港股", "港府", "立法会"))),
        "TWD": sum(map(plain.count, ("台币", "台湾", "台积电", "台股", "台北", "立法院"))),
    }
    best = max(marks, key=lambda code: marks[code])
    return best if marks[best] else "TWD"


def currency_before(plain: str, start: int) -> tuple[int, str] | None:
    """Where the currency before its number begins, and its code: US$30, 人民币3亿.

    >>> currency_before("约US$30", 4)
    (1, 'USD')
    """
    at = start - (plain[start - 1 : start] == " ")
    for length in (3, 2, 1):
        word = plain[max(0, at - length) : at]
        if (
            len(word) == length
            and word in PREFIXES
            and not plain[max(0, at - length - 1) : at - length].isdigit()
        ):
            return at - length, PREFIXES[word]
    return None


def currency_after(plain: str, end: int) -> str | None:
    """The currency that 元 is told to be: 27万元人民币, 500元新台币."""
    return next((code for name, code in _AFTER if plain.startswith(name, end)), None)


def is_sum(plain: str, start: int) -> bool:
    """Whether the words before ``start`` speak of a sum of money."""
    return bool(_SUMS.search(plain, max(0, start - 10), start))


def is_money(plain: str, end: int, value: Fraction) -> bool:
    """Whether a 块 that ends at ``end`` is money (九块, 6块5) and not a piece (两块芯片, 418亿块)."""
    if not 1 <= value <= 10**7:
        return False
    follows = plain[end : end + 1]
    return follows in _PIECE_ENDS or plain.startswith("多", end)


def with_coins(plain: str, reading: Reading) -> Reading:
    """A sum with the coins behind it: 6块5, 两角三分, 八元六角, 五块七毛八."""
    numeral = read(plain, reading.end)
    if reading.low is None or numeral is None or not numeral.exact or numeral.low >= 10:
        return reading
    if numeral.end != reading.end + 1:
        return reading
    last, follows = plain[reading.end - 1], plain[numeral.end : numeral.end + 1]
    if follows in ("角", "毛") or (follows == "分" and not plain.startswith("分钟", numeral.end)):
        step = Fraction(1, 10) if follows in ("角", "毛") else Fraction(1, 100)
        more = reading.low + numeral.low * step
        return with_coins(plain, reading._replace(end=numeral.end + 1, low=more, high=more))
    if last in "块毛" and not _counted(plain, numeral.end):
        more = reading.low + numeral.low * (Fraction(1, 10) if last == "块" else Fraction(1, 100))
        return reading._replace(end=numeral.end, low=more, high=more)
    return reading


def _counted(plain: str, at: int) -> bool:
    """Whether a number that ends at ``at`` goes on or has a word of its own behind it."""
    return at < len(plain) and plain[at].isalnum() and plain[at] not in "到至左上以的"
