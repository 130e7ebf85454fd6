"""Figures of a text: what number stands where, of what kind and unit, exact or bounded."""

import re
from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from lichang.figures import bounds, dates, durations, money, names, special
from lichang.figures.alone import alone, between_bounds
from lichang.figures.change import base_of, change_of
from lichang.figures.numerals import BIG, START, Numeral, fold, number, past, read, scale_of
from lichang.figures.reading import Reading
from lichang.figures.subject import Spot, subjects
from lichang.figures.units import Unit, unit_at
from lichang.records import Bound, Figure

_DATE_WORDS = (
    r"大?前年|[去今明来后]年|[上下]年(?=\d)|[本上]年|(?<!马)上一年|[上下]半年|上半财年"
    r"|[上下]?[上本下][一个]?(?:个?月|季|周|星期|礼拜)|[这今]个?(?:周|星期|月|礼拜)"
    r"|(?:周|星期|礼拜)[一二三四五六日天]|昨[日天]|前天|年[底初中末]|[首末]季"
    r"|(?<![提之以目此年当眼空从先事])[前头](?=[\d一二三四五六七八九十])|第(?=[\d一二三四五六七八九十百千])"
    r"|[FQH](?=[1-4Y])|公元|本世纪|上个?世纪"
)
_WORDS = (
    r"翻了?[一两二三四几]?(?:番|倍)|腰斩|半数|[过近]半数?(?!夜|天|年|个|小|导|分|世|月|成)"
    r"|上(?=[百千万亿十])|[摄华]氏(?:温度)?\d"
)
_TRIGGER = re.compile(rf"{_DATE_WORDS}|{_WORDS}|{START}")
_JOIN = re.compile(r"[ ]?(?:-{1,2}|~|至|到)[ ]?")
_RATE = re.compile("每(秒|小时)$")
_SPEEDS = {"秒": "s", "小时": "h"}
_PERIOD = re.compile("(?:过去|未来|最近|今后)$")
_INNER = re.compile("个([多半])(?=月|小时|季度|星期|礼拜|百分点|基点|点|世纪|钟头|工作日)")
_MINUS = re.compile(r"(?:^|[ （(,，:：为比达、\n])-$|(?<!正)负[ ]?$|零下$")
_SHORT = re.compile(
    r"(?P<B>B)(?![A-Za-z0-9])|(?P<G>G)(?![A-Za-z0-9])|(?P<window>[KM])(?![A-Za-z0-9])|(?P<T>T)(?=[ ]?参数)"
)
_CHIP = re.compile("910|920|310|950|960")  # 910B is a chip, 70B a model's size
_PARAMETERS = re.compile("[ ]?参数(?!量|规)")
_DATE_AFTER = re.compile(
    "(?P<approx>前后|左右)|(?P<le>(?:[及或]?[之以]前|前)(?!提|景|沿|端|三|五|十|一|两|二|四|半|[1-9]))|(?P<ge>[及或]?[之以]后)"
)
_SENTENCE = re.compile("[。！？\n]")
_LATITUDE = re.compile("[北南]纬|[东西]经")
_CLOCK = re.compile("[点时:]")
_BETWEEN = re.compile("[\\d十百千万亿][ ]?[与和][ ]?-?$")
_SCREENS = frozenset((480, 540, 720, 1080, 1440, 2160))  # 1080P is a picture, 300P is computing power
_NOT_COIN = frozenset("大星洲逐度色落形膜米秒安升克病利无不衣线孔泽楼")
_DEGREES = re.compile(r"(?P<scale>[摄华])氏(?:温度)?(?=\d)")
_HALF_MORE = re.compile("半(?!导|天|年|数|个)")
_MORE = re.compile("多(?!家|的|数|次|少|元)")
_DEGREE_SIGN = re.compile("度|°C?")


class _Scan:
    """One pass over a text; the figures so far say what the next ones leave out."""

    def __init__(self, text: str, published: date | None) -> None:
        self.text = text
        self.plain = fold(text)
        self.anchor = dates.Anchor(published)
        self.local = money.local_currency(text, self.plain)
        self.last: Reading | None = None  # the last sum or count, whose unit may be left out next time

    def readings(self) -> Iterator[Reading]:
        """The figures, in order."""
        at = 0
        while match := _TRIGGER.search(self.plain, at):
            start = match.start()
            found, end = self._at(start)
            if found:
                if found.kind == "date" and found.value:
                    self.anchor = self.anchor.seen(found.value)
                if found.kind in ("money", "count"):
                    self.last = found
                yield found
            at = max(end, start + 1)

    def _at(self, start: int) -> tuple[Reading | None, int]:
        """The figure that begins at a trigger, if any, and where to go on."""
        plain = self.plain
        if skip := (plain[start].isascii() and names.name_at(plain, start)) or names.word_at(plain, start):
            return None, skip
        found = self._date(start) or self._word(start)
        if found:
            return found, found.end
        if plain[start] == "第":  # 第二天, 第三方: an ordinal of the text
            return None, past(plain, start + 1)
        numeral = self._read(start)
        if numeral is None:
            return None, past(plain, start)
        if names.ends_word(plain, start, numeral.end):
            return None, numeral.end
        found = self._figure(numeral)
        return found, found.end if found else numeral.end

    def _read(self, start: int) -> Numeral | None:
        """The numeral at ``start``, without a 千 or 兆 that belongs to its unit: 5千瓦, 100兆瓦."""
        plain, numeral = self.plain, read(self.plain, start)
        if numeral and plain[numeral.end - 1] in "千兆" and numeral.end > start + 1:
            unit = unit_at(plain, numeral.end - 1)
            if unit and unit[1].kind == "quantity":
                return _moved(read(plain[start : numeral.end - 1], 0), start)
        return numeral

    def _date(self, start: int) -> Reading | None:
        dated = dates.date_at(self.plain, start, self.anchor)
        if dated is None:
            return None
        end, bound = dated.end, dated.bound
        if bound == "eq" and (match := _DATE_AFTER.match(self.plain, end)):
            end = match.end()
            bound = "approx" if match["approx"] else "le" if match["le"] else "ge"
        elif bound == "eq" and self.plain.endswith(("最迟", "至迟", "不晚于"), max(0, start - 3), start):
            bound = "le"
        return Reading(dated.start, end, "date", value=dated.value, bound=bound, mod=dated.mod)

    def _word(self, start: int) -> Reading | None:
        plain, first = self.plain, self.plain[start]
        if first == "翻":
            return special.doubled_at(plain, start)
        if first in "过近半腰零" and (half := special.half_at(plain, start)):
            return half
        if first == "上":
            return special.some_at(plain, start)
        if first in "摄华":
            return self._temperature(start)
        return special.rank_at(plain, start)

    def _temperature(self, start: int) -> Reading | None:
        """摄氏37度, 华氏温度98.6度."""
        scale = _DEGREES.match(self.plain, start)
        numeral = read(self.plain, scale.end()) if scale else None
        sign = _DEGREE_SIGN.match(self.plain, numeral.end) if numeral else None
        if not scale or not numeral or not sign:
            return None
        symbol = "℃" if scale["scale"] == "摄" else "℉"
        return Reading(start, sign.end(), "quantity", numeral.low, numeral.high, unit=symbol)

    # ------------------------------------------------------------------ a number with all about it
    def _figure(self, first: Numeral) -> Reading | None:
        """A number with its unit, the second end of its range, its sign and its bound words."""
        plain = self.plain
        currency = money.currency_before(plain, first.start)
        reading = self._sum_of(first, currency) if currency else self._measured(first)
        if reading is None:
            return between_bounds(plain, first.start)
        if reading.kind == "vague":
            return reading
        if reading.kind == "duration" and reading.bound == "eq" and reading.value:
            past_date = dates.ago(plain, reading.end, reading.value, self.anchor)
            if past_date and not bounds.before(plain, reading.start):
                return Reading(reading.start, past_date.end, "date", value=past_date.value)
        return self._bounded(self._rated(_signed(plain, reading)))

    def _bounded(self, reading: Reading) -> Reading:
        """The reading with the bound words before and behind it."""
        plain, start, end, bound = self.plain, reading.start, reading.end, reading.bound
        if word := bounds.before(plain, start):
            start = word.start
            if bound == "eq" or (bound == "ge" and word.bound == "le"):
                bound = word.bound
        elif reading.kind == "duration" and (lead := _PERIOD.search(plain, max(0, start - 2), start)):
            start = lead.start()
        tail = bounds.after(plain, end)
        if tail and not (reading.kind == "duration" and plain.startswith("前后", end)):
            end = tail[0]
            if bound in ("eq", "approx"):
                bound = tail[1]
        return reading._replace(start=start, end=end, bound=bound)

    def _rated(self, reading: Reading) -> Reading:
        """每秒4TB as TB/s, 每小时十公里 as km/h."""
        rate = _RATE.search(self.plain, max(0, reading.start - 3), reading.start)
        if not rate or reading.kind != "quantity" or "/" in (reading.unit or ""):
            return reading
        if rate[1] == "小时" and reading.unit not in ("km", "m", "mi"):
            return reading
        return reading._replace(start=rate.start(), unit=f"{reading.unit}/{_SPEEDS[rate[1]]}")

    def _sum_of(self, first: Numeral, currency: tuple[int, str]) -> Reading:
        """A sum whose currency stands before it: US$30, 新台币9亿元."""
        start, code = currency
        known = unit_at(self.plain, first.end)
        end = first.end + (len(known[0]) if known and known[1].kind == "money" else 0)
        bound: Bound = "range" if first.low != first.high else "ge" if first.more else "eq"
        reading = Reading(start, end, "money", first.low, first.high, unit=code, bound=bound)
        return self._ranged(reading)

    def _measured(self, first: Numeral) -> Reading | None:
        """A number with its unit and range, without bound words."""
        if fraction := special.fraction_at(self.plain, first):
            return fraction if fraction.kind == "vague" else self._ranged(self._fraction_of(fraction))
        if ratio := special.ratio_at(self.plain, first):
            return ratio
        if loose := self._loose_range(first):
            return loose
        one = self._one(first)
        return self._ranged(one) if one else None

    def _fraction_of(self, fraction: Reading) -> Reading:
        """四分之一公升 as a quantity; most fractions stand alone."""
        found = unit_at(self.plain, fraction.end)
        if found is None or found[1].kind != "quantity" or not fraction.low or not fraction.high:
            return fraction
        end = fraction.end + len(found[0])
        low, high = fraction.low / 100, fraction.high / 100
        return fraction._replace(end=end, kind="quantity", low=low, high=high, unit=found[1].symbol)

    # ------------------------------------------------------------------ ranges
    def _ranged(self, first: Reading) -> Reading:
        """``first``, or its range where a second end follows: 20亿至50亿美元, 15%到20%."""
        plain = self.plain
        join = _JOIN.match(plain, first.end)
        if not join or first.bound not in ("eq", "approx"):
            return first
        other = self._read(join.end())
        if other is None or other.vague:
            return first
        second = special.fraction_at(plain, other) or (None if other.bare else self._one(other))
        if second is None or second.kind != first.kind or second.bound not in ("eq", "approx"):
            return first
        if second.kind == "duration":
            value = durations.span(first.value or "", second.value or "")
            return first._replace(end=second.end, value=value, bound="range")
        if first.low is None or second.high is None or first.low >= second.high or first.unit != second.unit:
            return first
        if plain[max(0, first.start - 1) : first.start] in ("从", "由") and not plain.startswith(
            "不等", second.end
        ):
            return first  # a change, from the one to the other
        return first._replace(end=second.end, high=second.high, bound="range")

    def _loose_range(self, first: Numeral) -> Reading | None:
        """A range with its unit behind the second end alone: 50-100万张, 三到五年, 10至15%."""
        plain = self.plain
        join = _JOIN.match(plain, first.end)
        if (
            not join
            or first.vague
            or (len(join[0].strip()) == 2 and plain[join.end() : join.end() + 1].isspace())
        ):
            return None
        other = self._read(join.end())
        if other is None or other.vague or other.bare:
            return None
        second = special.fraction_at(plain, other) or self._one(other)
        if second is None or second.kind in ("vague", "date") or second.bound not in ("eq", "approx"):
            return None
        low, scale = first.low, scale_of(plain, other)
        if scale > 1 and scale_of(plain, first) == 1 and low * scale < other.high:
            low *= scale
        if low >= other.high:
            return None
        if second.kind == "duration":
            return durations.between(plain, first, second)
        if second.low is None or not other.low:
            return None
        low *= second.low / other.low
        return Reading(
            first.start, second.end, second.kind, low, second.high, unit=second.unit, bound="range"
        )

    # ------------------------------------------------------------------ one number
    def _one(self, numeral: Numeral) -> Reading | None:
        """One number with the unit behind it, or None."""
        plain, end, more, loose = self.plain, numeral.end, numeral.more, numeral.loose
        if plain[end : end + 1] and plain[end] in "多余来几+":
            sign, end = plain[end], end + 1
            if sign == "几":
                return self._vague(numeral.start, end)
            more, loose = more or sign != "来", loose or sign == "来"
        if numeral.vague:
            return self._vague(numeral.start, end)
        inner = _INNER.match(plain, end)
        if inner:
            found = unit_at(f"个{plain[inner.end() : inner.end() + 6]}", 0)
            at = inner.end() - 1
        else:
            at = end + (plain[end : end + 1] == " ")
            found = unit_at(plain, at)
            if found is None and plain.startswith("个", end):
                found, at = _behind_measure(plain, end)
        if found is None or (at == end + 1 and not inner and not _may_stand_off(plain, numeral, found[1])):
            return self._unitless(numeral, end, more)
        half = bool(inner and inner[1] == "半")
        reading = self._of_unit(numeral, found[0], found[1], at + len(found[0]), half)
        if reading is None:
            return None
        if reading.bound == "eq":
            more = more or bool(inner and inner[1] == "多")
            bound: Bound = (
                "range" if numeral.low != numeral.high else "ge" if more else "approx" if loose else "eq"
            )
            reading = reading._replace(bound=bound)
        return self._trailing(reading)

    def _of_unit(self, numeral: Numeral, word: str, unit: Unit, end: int, half: bool) -> Reading | None:
        """The reading of a number and the unit word that ends at ``end``."""
        plain, start, low, high = self.plain, numeral.start, numeral.low, numeral.high
        if unit.kind == "duration":
            return durations.duration(plain, numeral, word, end, half=half)
        if unit.kind == "money":
            return self._money(numeral, word, unit, end)
        if unit.kind == "percent":
            return _percent(plain, numeral, word, unit, end)
        if unit.kind == "multiple":
            if word in "xX" and plain[end - 2] == " ":
                return None  # 1 x HDMI
            if word in "xX×" and (not plain[numeral.end - 1].isdigit() or plain[end : end + 1].isdigit()):
                return None
            extra = Fraction(plain.startswith("半", end), 2)
            return Reading(start, end + bool(extra), "multiple", low + extra, high + extra, unit="x")
        if unit.kind == "quantity":
            return _quantity(plain, numeral, word, unit, end)
        return self._count(numeral, word, unit, end)

    def _money(self, numeral: Numeral, word: str, unit: Unit, end: int) -> Reading | None:
        plain, low, high = self.plain, numeral.low, numeral.high
        one = plain[numeral.start : numeral.end] == "一"
        if word == "块" and not money.is_money(plain, end, low):
            return (
                None
                if one
                else Reading(numeral.start, end, "count", low, high, unit=self.text[end - 1 : end])
            )
        if word in ("毫", "角", "毛") and plain[end : end + 1] in _NOT_COIN and end < len(plain):
            return None
        if (
            one
            and word in ("角", "毛", "毫", "块")
            and not plain.startswith(("钱", "半"), end)
            and end < len(plain)
        ):
            coins = money.with_coins(plain, Reading(numeral.start, end, "money", low, high))
            if coins.end == end:
                return None
        if numeral.bare and plain.startswith(("机", "店", "级"), end):
            return None  # 千元机
        code = unit.symbol or money.currency_after(plain, end) or self.local
        return Reading(numeral.start, end, "money", low * unit.factor, high * unit.factor, unit=code)

    def _count(self, numeral: Numeral, word: str, unit: Unit, end: int) -> Reading | None:
        plain, start, low, high = self.plain, numeral.start, numeral.low, numeral.high
        if word == "分" and plain.startswith("半钟", end):
            return Reading(start, end + 2, "duration", value=f"PT{number(low)}M30S")
        bounded = bounds.before(plain, start) is not None
        if plain[start] == "半" or (plain[start : numeral.end] == "一" and not bounded):
            return None
        if numeral.bare and word not in ("卡", "参数") and not bounded:
            return Reading(start, end, "vague")
        if _not_counted(plain, numeral, word, unit, end):
            return None
        if word == "度":
            return Reading(start, end, "quantity", low, high, unit="℃") if low < 60 else None
        if word == "分" and plain.startswith("半", end):
            return Reading(start, end + 1, "duration", value=f"PT{number(low)}M30S")
        printed = self.text[end - len(word) : end]
        symbol = unit.symbol or (printed[1:] if printed[0] in "个個" and len(printed) > 1 else printed)
        return Reading(start, end, "count", low, high, unit=symbol)

    def _vague(self, start: int, end: int) -> Reading | None:
        """几家, 数万张, 十几个: found, and without a value."""
        found = unit_at(self.plain, end)
        if found:
            return Reading(start, end + len(found[0]), "vague")
        return Reading(start, end, "vague") if self.plain[end - 1] in BIG else None

    def _unitless(self, numeral: Numeral, end: int, more: bool) -> Reading | None:
        """70B, 141G, 1M上下文, and 80万 that leaves its unit to the figure before it."""
        plain, start = self.plain, numeral.start
        if plain[numeral.end - 1].isascii() and (match := _SHORT.match(plain, end)):
            return _short(plain, numeral, match)
        if plain[numeral.end - 1] not in BIG or numeral.bare:
            return None
        bound: Bound = "range" if numeral.low != numeral.high else "ge" if more else "eq"
        reading = Reading(start, end, "money", numeral.low, numeral.high, unit=self.local, bound=bound)
        if money.is_sum(plain, start):
            return reading
        last = self.last
        if last is None or start - last.end >= 60:
            return None
        if _SENTENCE.search(plain, last.end, start):
            return None
        return reading._replace(kind=last.kind, unit=last.unit)

    def _trailing(self, reading: Reading) -> Reading:
        """What may follow a unit and belongs to it: 两张半, 六成多, 6块5."""
        plain, end = self.plain, reading.end
        counted = reading.kind in ("count", "quantity")
        if counted and reading.low and reading.high and _HALF_MORE.match(plain, end):
            half = Fraction(1, 2)
            return reading._replace(end=end + 1, low=reading.low + half, high=reading.high + half)
        if not counted and reading.bound == "eq" and _MORE.match(plain, end):
            return reading._replace(end=end + 1, bound="ge")
        if reading.kind == "money" and reading.bound == "eq":
            return money.with_coins(plain, reading)
        return reading


def _moved(numeral: Numeral | None, by: int) -> Numeral | None:
    return numeral and numeral._replace(start=numeral.start + by, end=numeral.end + by)


def _behind_measure(plain: str, end: int) -> tuple[tuple[str, Unit] | None, int]:
    """The unit behind 个, as in 半个吉瓦 and 六个加仑, and where it begins; else 个 itself."""
    found = unit_at(plain, end + 1)
    if found and found[1].kind == "quantity" and not found[0].isascii() and len(found[0]) > 1:
        return found, end + 1
    return unit_at(plain, end), end


def _may_stand_off(plain: str, numeral: Numeral, unit: Unit) -> bool:
    """Whether a unit may stand behind a blank: 4.8 TB/s, 五 日."""
    return plain[numeral.end - 1].isascii() or unit.kind == "duration"


def _signed(plain: str, reading: Reading) -> Reading:
    """The reading with the minus sign, 负 or 零下 before it."""
    sign = _MINUS.search(plain, max(0, reading.start - 3), reading.start)
    if not sign or reading.low is None or reading.high is None or reading.kind in ("count", "rank"):
        return reading
    start = reading.start - len(sign[0].lstrip(" （(,，:：为比达、\n"))
    return reading._replace(start=start, low=-reading.high, high=-reading.low)


def _percent(plain: str, numeral: Numeral, word: str, unit: Unit, end: int) -> Reading | None:
    """12%, 3.5个百分点, 两成五."""
    low, high = numeral.low, numeral.high
    if word == "%" and plain[end : end + 1].isdigit():
        return None  # an escaped address: q=30%25
    if word in ("厘", "个点") and plain[numeral.start : numeral.end] == "一":
        return None
    if word == "成":
        if high > 10 or plain.startswith(
            ("员", "不变", "本", "为", "立", "熟", "长", "功", "果", "品", "都", "群", "堆", "行", "型"), end
        ):
            return None
        extra = _part_of_tenth(plain, end)
        low, high, end = low + extra, high + extra, end + bool(extra)
    return Reading(numeral.start, end, "percent", low * unit.factor, high * unit.factor, unit="%")


def _part_of_tenth(plain: str, end: int) -> Fraction:
    """The 五 of 两成五 and the 半 of 两成半, in tenths; 0 where nothing follows."""
    if plain.startswith("半", end) and not plain.startswith("半导", end):
        return Fraction(1, 2)
    digit = read(plain, end)
    if (
        digit is None
        or not digit.exact
        or digit.end != end + 1
        or plain[end] == "两"
        or not 1 <= digit.low <= 9
    ):
        return Fraction(0)
    return Fraction(0) if plain.startswith(("个", "家", "年", "月", "倍", "成"), end + 1) else digit.low / 10


def _quantity(plain: str, numeral: Numeral, word: str, unit: Unit, end: int) -> Reading | None:
    """141GB, 7纳米, 两百瓦; None for 一米, 百米 and symbols behind Chinese numerals."""
    arabic = plain[numeral.end - 1].isascii()
    if word.isascii() and not arabic:
        return None
    if plain[numeral.start : numeral.end] == "一" and len(word) == 1 and word not in "吨斤两":
        return None
    if word == "P" and numeral.low in _SCREENS:
        return None
    if numeral.bare and word[0] not in "瓦克米卡伏":
        return None
    low, high = numeral.low * unit.factor, numeral.high * unit.factor
    return Reading(numeral.start, end, "quantity", low, high, unit=unit.symbol)


def _not_counted(plain: str, numeral: Numeral, word: str, unit: Unit, end: int) -> bool:
    """Whether a number and a measure word count nothing: 301条款, 二期, 北纬31度, 三点."""
    start, arabic, low = numeral.start, plain[numeral.start].isdigit(), numeral.low
    if word in ("条", "只") and plain.startswith(("款", "是", "有", "能", "要", "会"), end):
        return not (word == "条" and not plain.startswith("款", end))
    if word == "期" and not arabic and low < 10:
        return True
    if word == "间" and _BETWEEN.search(plain, max(0, start - 4), start):
        return True  # 10000与20000间
    if not unit.weak:
        return False
    if not arabic:
        return low <= 10
    if word == "点":
        return low <= 24 and low.denominator == 1
    if word == "分":
        return bool(_CLOCK.search(plain, max(0, start - 3), start))
    if word == "度":
        return bool(_LATITUDE.search(plain, max(0, start - 3), start))
    return word == "路"


def _short(plain: str, numeral: Numeral, match: re.Match[str]) -> Reading | None:
    """70B, 1.8T参数, 128K and 141G, whose letter stands for more."""
    start, end, low, high = numeral.start, match.end(), numeral.low, numeral.high
    if match["B"]:
        if _CHIP.match(plain, start):
            return None
        tail = bounds.after(plain, end)  # 175B以上参数
        named = _PARAMETERS.match(plain, tail[0] if tail else end)
        reading = Reading(start, end, "count", low * 10**9, high * 10**9, unit="参数")
        if named is None:
            return reading
        return reading._replace(end=named.end(), bound=tail[1] if tail else "eq")
    if match["T"]:
        named = _PARAMETERS.match(plain, end)
        return (
            Reading(start, named.end(), "count", low * 10**12, high * 10**12, unit="参数") if named else None
        )
    if match["G"]:
        optical = low >= 100 and "光" in plain[end : end + 6]
        return (
            Reading(start, end, "quantity", low, high, unit="Gb/s" if optical else "GB") if low >= 8 else None
        )
    behind, before = plain[end : end + 6], plain[max(0, start - 8) : start]
    if "上下文" in behind + "|" + before or "token" in behind or "窗口" in before:
        scale = 1000 if match["window"] == "K" else 10**6
        return Reading(start, end, "count", low * scale, high * scale, unit="token")
    return None


def scan(text: str, *, published: str | None = None) -> list[Reading]:
    """What numbers stand in a text, in order, without what they measure."""
    return list(_Scan(text, _day(published)).readings()) or alone(fold(text))


def _day(published: str | None) -> date | None:
    try:
        return date.fromisoformat(published[:10]) if published else None
    except ValueError:
        return None


def find(text: str, *, published: str | None = None) -> Iterator[Figure]:
    """Figures of a text, in order.

    ``published`` is the ISO date that 今年 and 12月8日 are read against; without it they keep no value.

    >>> [(f.text, f.low, f.unit) for f in find("投资1.5亿元，昇腾出货50万-100万张")]
    [('1.5亿元', 150000000, 'CNY'), ('50万-100万张', 500000, '张')]
    >>> list(find("H200和三五成群"))
    []
    """
    readings, plain = scan(text, published=published), fold(text)
    previous: Reading | None = None
    for reading, of in zip(readings, _measured(text, plain, readings), strict=True):
        yield Figure(
            start=reading.start,
            end=reading.end,
            text=text[reading.start : reading.end],
            kind=reading.kind,
            low=None if reading.low is None else number(reading.low),
            high=None if reading.high is None else number(reading.high),
            value=reading.value,
            unit=reading.unit,
            bound=reading.bound,
            mod=reading.mod,
            of=None if reading.kind == "vague" else of,
            change=change_of(plain, reading),
            base=base_of(text, plain, reading, previous),
        )
        previous = reading


def _measured(text: str, plain: str, readings: list[Reading]) -> list[str | None]:
    """What each figure measures; nothing where the text is nothing but numbers, with no word to name it."""
    if all(reading.kind == "count" and reading.unit is None for reading in readings):
        return [None] * len(readings)
    return subjects(text, plain, [Spot(r.start, r.end, r.kind, r.unit) for r in readings])
