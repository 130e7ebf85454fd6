"""Figures of a text: what number stands where, of what kind and unit, exact or bounded."""

import re
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from lichang.figures import bounds, dates
from lichang.figures.numerals import BIG, Numeral, fold, number, read
from lichang.figures.subject import Spot, subjects
from lichang.figures.units import DURATIONS, PARTS, PREFIXES, Unit, unit_at
from lichang.records import Bound, Figure, FigureKind, Mod

_DATE_WORDS = (
    r"大?前年|[去今明来后]年|[本上]年|[上下]半年|上半财年|[上下]?[上本下][一个]?(?:月|季|周|星期|礼拜)|这个?(?:周|星期|月)"
    r"|(?:周|星期|礼拜)[一二三四五六日天]|昨[日天]|前天|年[底初中末]|[首末]季|(?<![提之以目此年当眼空从先事])[前头](?=[\d一二三四五六七八九十])|第(?=[\d一二三四五六七八九十百千])"
    r"|[FQH](?=[1-4Y])|公元|本世纪|上个?世纪"
)
_WORDS = r"翻了?[一两二三四几]?(?:番|倍)|腰斩|[过近]半数?(?!夜|天|年|个|小|导|分|世|月|成)|半数|大半|上(?=[百千万亿十])|零(?=[。，,;；:：、)）\n]|$)"
_TRIGGER = re.compile(
    rf"{_DATE_WORDS}|{_WORDS}|[\d〇零一二两三四五六七八九十百千万亿半几]|数(?=[十百千万亿])|[壹贰叁肆伍陆柒捌玖](?=[拾佰仟万亿元圆])"
)
_LATIN_RUN = re.compile(r"[A-Za-z0-9.+/-]*+")
_JOIN = re.compile(r"[ ]?(?:-(?!-)|~|至|到)[ ]?")


class Reading(NamedTuple):
    """A figure in the making: ``plain[start:end]`` and what it says."""

    start: int
    end: int
    kind: FigureKind
    low: Fraction | None = None
    high: Fraction | None = None
    value: str | None = None
    unit: str | None = None
    bound: Bound = "eq"
    mod: Mod | None = None


# Words that begin with a numeral and count nothing. Each key is the first character.
_WORDS_OF_NUMERALS = (
    "一些 一直 一定 一起 一般 一样 一切 一旦 一致 一边 一面 一律 一再 一向 一时 一度 一共 一同 一方 一番 一带 一体 一线 一手 一流 一路 一口气 一把手 一揽子 一系列 一部分 一会儿 一下子 "
    "二手 二维码 二次元 二进制 二极管 二线 二级市场 三维 三角 三国演义 三方 三亚 三峡 三明治 三轮车 三甲 三农 三八线 三线 三元 四川 四面 四处 四环 四方 四海 四轮 五角大楼 五金 五官 五花 五星级 五环 "
    "六安 六合 六神 七夕 七星 八卦 八方 八成新 九州 九江 九龙 十足 十全 十字 十月革命 十堰 百度 百货 百姓 百科 百家乐 百般 百年 百合 百事 百川 百济 千万别 千万不 千万要 千问 千里马 千家 千方百计 千兆 千岛 千瓦 千克 千米 千卡 千禧 千古 "
    "万一 万科 万达 万能 万物 万岁 万分 万向 万维 万事 万里 万象 万华 万亿级 亿欧 亿纬 亿滋 亿航 亿联 两会 两岸 两旁 两侧 两难 两极 两用 两栖 两手 两头 两边 两面 两党 两院 两半 两端 两样 两回事 两码事 两口 两性 两三点 "
    "半导体 半球 半岛 半夜 半途 半路 半空 半封闭 半径 半决赛 半成品 半信半疑 半壁 半截 半点 半场 半边 半山 几乎 几何 几率 零售 零件 零部件 零食 零散 零星 零和 零碎 零信任 零距离 零时差 零日 零配件 零钱 零头 零组件 零下 零工 零担 零点"
).split()
_IDIOMS: dict[str, tuple[str, ...]] = {}
for _word in _WORDS_OF_NUMERALS:
    _IDIOMS[_word[0]] = (*_IDIOMS.get(_word[0], ()), _word)

# What may precede a Chinese numeral only where it is the tail of a word: 统一, 之一, 星期三, 万一.
_TAILS = {
    "一": "统唯之万任单同专第某另每逐划如始归合不初高",
    "三": "再第李张老小",
    "两": "斤",
    "四": "张老",
    "五": "老",
    "半": "大多过",
}
# Product families whose number is a name even without a Latin letter.
_FAMILY = re.compile(
    r"(?:昇腾|升腾|麒麟|鲲鹏|思元|海光|龙芯|骁龙|天玑|酷睿|锐龙|至强|霄龙|寒武纪|曙光|玄铁|天河|神威|代码|编号|电话|热线|型号|第)[ ]?$"
)
_MODEL_LETTER = re.compile(r"[A-Za-z](?:-|~)?$")


class _Scan:
    """One pass over a text: the folded text, and what the figures so far say about the next ones."""

    def __init__(self, text: str, published: date | None) -> None:
        self.plain = fold(text)
        self.text = text
        self.anchor = dates.Anchor(published)
        self.local = local_currency(text, self.plain)
        self.last: Reading | None = None

    def readings(self) -> Iterator[Reading]:
        at = 0
        while match := _TRIGGER.search(self.plain, at):
            start = match.start()
            found, at = self._at(start)
            for reading in found:
                if reading.value and reading.kind == "date":
                    self.anchor = self.anchor.seen(reading.value)
                self.last = reading
                yield reading
            at = max(at, start + 1)

    def _at(self, start: int) -> tuple[list[Reading], int]:
        """The figures that begin at a trigger, and where to go on."""
        plain = self.plain
        if plain[start].isascii() and _in_name(plain, start):
            run = _LATIN_RUN.match(plain, start)
            return [], run.end() if run else start + 1
        if skip := _idiom(plain, start):
            return [], skip
        found = self._date(start) or self._word(start) or self._rank(start)
        if found:
            return [found], found.end
        if plain[start] == "第":  # 第二天, 第三方: an ordinal of the text
            ordinal = read(plain, start + 1)
            return [], ordinal.end if ordinal else start + 1
        numeral = read(plain, start)
        if numeral is None:
            return [], _past_numeral(plain, start) if plain[start] in _NUMERIC else start + 1
        reading = self._figure(numeral)
        if reading is None:
            return [], numeral.end
        return [reading], reading.end

    # ------------------------------------------------------------------ dates
    def _date(self, start: int) -> Reading | None:
        plain = self.plain
        dated = dates.date_at(plain, start, self.anchor)
        if dated is None:
            return None
        end, bound = dated.end, dated.bound
        if bound == "eq":
            end, bound = _date_bound(plain, end, bound)
        if bound == "eq" and plain[max(0, start - 3) : start].endswith(("最迟", "至迟", "不晚于")):
            bound = "le"
        return Reading(start, end, "date", value=dated.value, bound=bound, mod=dated.mod)

    # ------------------------------------------------------------------ words
    def _word(self, start: int) -> Reading | None:
        """Figures without a numeral of their own: 翻两番, 过半, 腰斩."""
        plain = self.plain
        if plain[start] == "翻":
            match = _DOUBLED.match(plain, start)
            if not match:
                return None
            steps = {"两": 2, "二": 2, "三": 3, "四": 4}.get(match[1] or "", 1)
            tail = bounds.after(plain, match.end())
            return Reading(
                start,
                tail[0] if tail else match.end(),
                "multiple",
                Fraction(2**steps),
                Fraction(2**steps),
                unit="x",
                bound=tail[1] if tail else "eq",
            )
        for word, (value, bound) in _HALVES.items():
            if plain.startswith(word, start):
                return Reading(
                    start,
                    start + len(word),
                    "percent",
                    Fraction(value),
                    Fraction(value),
                    unit="%",
                    bound=bound,
                )
        if plain[start] == "零" and plain[start - 1 : start] in ("为", "到", "是", "成") and start:
            return Reading(start, start + 1, "percent", Fraction(0), Fraction(0), unit="%")
        if plain[start] == "上":
            numeral = read(plain, start + 1)
            if numeral and numeral.bare:
                unit = unit_at(plain, numeral.end)
                return Reading(start, numeral.end + (len(unit[0]) if unit else 0), "vague")
        return None

    def _rank(self, start: int) -> Reading | None:
        plain = self.plain
        match = _RANK.match(plain, start)
        if not match:
            return None
        numeral = read(plain, start + 1)
        if numeral is None or not numeral.exact:
            return None
        suffix = _RANK_TAIL.match(plain, numeral.end)
        head = _RANK_HEAD.search(plain[max(0, start - 6) : start])
        if plain[start] == "第":
            sure = suffix and (suffix[0] not in ("次", "轮", "回", "名", "位", "届") or numeral.low > 1)
            if not sure and not head and not _RANKED.search(plain[max(0, start - 5) : start]):
                return None
            if not suffix and _NOT_RANK.match(plain, numeral.end):
                return None
        elif (
            not (suffix and suffix[0] in ("大", "强", "名", "位"))
            and not head
            and not _RANKED.search(plain[max(0, start - 5) : start])
        ):
            return None
        elif plain[numeral.end : numeral.end + 1] in ("个", "年", "天", "月", "周", "次", "排"):
            return None
        begin = start - len(head[0]) if head else start
        end = suffix.end() if suffix and plain[start] == "第" else numeral.end
        return Reading(begin, end, "rank", numeral.low, numeral.low)

    # ------------------------------------------------------------------ numbers
    def _figure(self, first: Numeral) -> Reading | None:
        """A number with its unit, the second end of its range, and its bound words."""
        plain = self.plain
        if _tail_of_word(plain, first):
            return None
        currency = _currency_before(plain, first.start)
        reading = self._measured(first, currency)
        if reading is None or reading.kind == "vague":
            return reading
        start, end, bound = first.start, reading.end, reading.bound
        if currency:
            start = currency[0]
        if rate := _EVERY_SECOND.search(plain[max(0, start - 2) : start]):
            if reading.kind == "quantity" and "/" not in (reading.unit or ""):
                start -= len(rate[0])
                reading = reading._replace(unit=f"{reading.unit}/s")
        word = bounds.before(plain, start)
        if word:
            start = word.start
            if bound in ("eq", "ge") and not (bound == "ge" and word.bound == "approx"):
                bound = word.bound
        elif reading.kind == "duration" and (lead := _PERIOD_BEFORE.search(plain[max(0, start - 2) : start])):
            start -= len(lead[0])
        if reading.kind == "duration" and bound == "eq" and reading.value:
            past = dates.ago(plain, end, reading.value, self.anchor)
            if past:
                return Reading(first.start, past.end, "date", value=past.value)
        tail = bounds.after(plain, end)
        if tail and not (reading.kind == "duration" and plain.startswith("前后", end)):
            end = tail[0]
            if bound == "eq" or tail[1] != "approx":
                bound = tail[1] if bound != "range" else "range"
        reading = reading._replace(start=start, end=end, bound=bound)
        return reading

    def _measured(self, first: Numeral, currency: tuple[int, str] | None) -> Reading | None:
        """The number with its unit and range, without bound words."""
        plain = self.plain
        fraction = _fraction(plain, first)
        if fraction:
            return self._ranged(fraction)
        if ratio := _RATIO.match(plain, first.end):
            return Reading(first.start, ratio.end(), "multiple", first.low, first.high, unit="x")
        if currency:
            known = unit_at(plain, first.end)
            end = first.end + (len(known[0]) if known and known[1].kind == "money" else 0)
            more: Bound = "ge" if first.more else "range" if first.low != first.high else "eq"
            own = Reading(first.start, end, "money", first.low, first.high, unit=currency[1], bound=more)
            return self._ranged(own) if more == "eq" else own
        loose = self._loose_range(first)
        if loose:
            return loose
        one = self._one(first)
        return self._ranged(one) if one else None

    def _one(self, numeral: Numeral) -> Reading | None:
        """One number with the unit behind it, or None."""
        plain = self.plain
        numeral = _without_prefix(plain, numeral)
        end, more, loose, half = numeral.end, numeral.more, numeral.loose, False
        if plain[end : end + 1] in ("多", "余", "来", "几") and plain[end : end + 1]:
            sign = plain[end]
            end, more, loose = end + 1, more or sign in "多余", loose or sign == "来"
            if sign == "几":
                return self._vague(numeral.start, end)
        if numeral.vague:
            return self._vague(numeral.start, end)
        if plain[numeral.start] == "半" and plain.startswith("个", end):
            known = unit_at(plain, end + 1)
            if known and known[1].kind == "quantity":
                return self._of_unit(numeral, known[0], known[1], end + 1 + len(known[0]), False)
        # 三个多月, 两个半小时
        inner = _INNER.match(plain, end)
        if inner:
            more, half = more or inner[1] == "多", inner[1] == "半"
            found = unit_at("个" + plain[inner.end() : inner.end() + 6], 0)
            end_at = inner.end() - 1
        else:
            end_at = end + (plain[end : end + 1] == " ")
            found = unit_at(plain, end_at)
            if found and end_at > end and not _spaced(found[1], plain, numeral):
                return None
        if found is None:
            return self._unitless(numeral, end, more)
        word, unit = found
        end = end_at + len(word)
        reading = self._of_unit(numeral, word, unit, end, half)
        if reading is None:
            return None
        low, high = reading.low, reading.high
        bound: Bound = (
            "range" if numeral.low != numeral.high else "ge" if more else "approx" if loose else reading.bound
        )
        reading = reading._replace(bound=bound, low=low, high=high)
        return self._trailing(reading, numeral, unit)

    def _of_unit(self, numeral: Numeral, word: str, unit: Unit, end: int, half: bool) -> Reading | None:
        """The reading of a number and the unit word that ends at ``end``."""
        plain, low, high = self.plain, numeral.low, numeral.high
        start = numeral.start
        extra = Fraction(1, 2) if half else Fraction(0)
        one = plain[start : numeral.end] == "一"
        if unit.kind == "duration":
            return _duration(plain, start, numeral, word, unit, end, extra)
        if unit.kind == "money":
            if one and not numeral.more and word in ("块", "角", "毛", "毫"):
                return None
            if word == "块" and not _is_money_piece(plain, end, low):
                return (
                    Reading(start, end, "count", low, high, unit=self.text[end - 1 : end])
                    if not one
                    else None
                )
            if word in ("毫", "角", "毛") and self._not_price(numeral, end):
                return None
            if numeral.bare and plain.startswith(("机", "店", "级"), end):
                return None
            code = unit.symbol or _currency_after(plain, end) or self.local
            return Reading(start, end, "money", low * unit.factor, high * unit.factor, unit=code)
        if unit.kind == "percent":
            if word == "成" and not _is_tenth(plain, numeral, end):
                return None
            if word in ("厘", "个点") and one:
                return None
            low, high, end = _tenths(plain, word, low, high, end)
            return Reading(start, end, "percent", low * unit.factor, high * unit.factor, unit="%")
        if unit.kind == "multiple":
            if word in ("x", "X") and not (plain[numeral.end - 1].isdigit()):
                return None
            if plain.startswith("半", end):
                return Reading(
                    start, end + 1, "multiple", low + Fraction(1, 2), high + Fraction(1, 2), unit="x"
                )
            return Reading(start, end, "multiple", low, high, unit="x")
        if unit.kind == "quantity":
            if numeral.bare or (
                not plain[numeral.end - 1].isascii()
                and word in ("分", "升", "尺", "平", "焦", "里", "赫", "伏", "克", "斤", "米")
                and one
            ):
                if not (numeral.bare and word[0] not in "瓦克米卡伏"):
                    return None
            if plain[numeral.end - 1].isascii() or not word.isascii():
                return Reading(
                    start,
                    end,
                    "quantity",
                    (low + extra) * unit.factor,
                    (high + extra) * unit.factor,
                    unit=unit.symbol,
                )
            return None
        return self._count(numeral, word, unit, end, one)

    def _count(self, numeral: Numeral, word: str, unit: Unit, end: int, one: bool) -> Reading | None:
        plain, start = self.plain, numeral.start
        arabic = plain[numeral.start].isdigit()
        if one and not bounds.before(plain, start):
            return None
        if plain[start] == "半" or (
            numeral.bare and word not in ("卡", "参数", "token", "人", "家", "张", "颗", "卡时", "片")
        ):
            return None
        if numeral.bare and not bounds.before(plain, start) and word not in ("卡", "参数"):
            return Reading(start, end, "vague")
        if unit.weak and not arabic and numeral.low <= 10:
            return None
        if (
            unit.weak
            and arabic
            and word in ("点", "分", "度", "路", "号", "面", "口", "头", "手", "站", "字")
        ):
            if word == "点" and (numeral.low <= 24 and numeral.low.denominator == 1):
                return None
            if word == "分" and _CLOCK.search(plain[max(0, start - 3) : start]):
                return None
            if word == "路":
                return None
            if word == "度" and re.search("[北南]纬|[东西]经", plain[max(0, start - 3) : start]):
                return None
            if word == "分" and plain.startswith("半", end):
                return Reading(start, end + 1, "duration", value=f"PT{_amount(numeral.low)}M30S")
            if word == "度":
                return (
                    Reading(start, end, "quantity", numeral.low, numeral.high, unit="℃")
                    if numeral.low < 60
                    else None
                )
        if (word == "条" and plain.startswith("款", end)) or (
            word in ("期", "款") and not arabic and numeral.low < 10 and word == "期"
        ):
            return None
        symbol = (
            unit.symbol
            or self.text[end - len(word) : end].removeprefix("个").removeprefix("個")
            or self.text[end - 1 : end]
        )
        return Reading(start, end, "count", numeral.low, numeral.high, unit=symbol)

    def _vague(self, start: int, end: int) -> Reading | None:
        """几家, 数万张, 十几个: found, and without a value."""
        found = unit_at(self.plain, end)
        if found is None:
            big = self.plain[end - 1] in BIG
            return Reading(start, end, "vague") if big else None
        return Reading(start, end + len(found[0]), "vague")

    def _unitless(self, numeral: Numeral, end: int, more: bool) -> Reading | None:
        """70B, 141G, 1M上下文, and 80万 that leaves its unit to the figure before it."""
        plain, start = self.plain, numeral.start
        if plain[numeral.end - 1].isascii() and (match := _SHORT.match(plain, end)):
            return _short(plain, numeral, match)
        if plain[numeral.end - 1] not in BIG or numeral.bare:
            return None
        bound: Bound = "ge" if more else "eq"
        if numeral.low != numeral.high:
            bound = "range"
        if _MONEY_WORD.search(plain[max(0, start - 10) : start]):
            return Reading(start, end, "money", numeral.low, numeral.high, unit=self.local, bound=bound)
        last = self.last
        near = last is not None and not _BREAK.search(plain, last.end, start)
        if last is not None and near and last.kind in ("money", "count") and start - last.end < 60:
            return Reading(start, end, last.kind, numeral.low, numeral.high, unit=last.unit, bound=bound)
        return None

    def _not_price(self, numeral: Numeral, end: int) -> bool:
        after = self.plain[end : end + 1]
        return after in (
            "大",
            "星",
            "洲",
            "逐",
            "度",
            "色",
            "落",
            "形",
            "膜",
            "米",
            "秒",
            "安",
            "升",
            "克",
            "病",
            "利",
            "无",
            "不",
            "衣",
            "线",
            "孔",
            "泽",
        )

    def _trailing(self, reading: Reading, numeral: Numeral, unit: Unit) -> Reading | None:
        """What may follow a unit and belongs to it: 两张半, 6块5, 1小时40分钟, 三块五毛."""
        plain, end = self.plain, reading.end
        if (
            reading.kind == "count"
            and plain.startswith("半", end)
            and not plain.startswith(("半导", "半天", "半年", "半数"), end)
        ):
            half = Fraction(1, 2)
            return reading._replace(
                end=end + 1, low=reading.low and reading.low + half, high=reading.high and reading.high + half
            )
        if (
            reading.kind in ("percent", "multiple", "duration", "money")
            and reading.bound == "eq"
            and plain.startswith("多", end)
        ):
            if not plain.startswith(("多家", "多的", "多数", "多次", "多少", "多元"), end):
                return reading._replace(end=end + 1, bound="ge")
        if reading.kind == "money" and reading.bound == "eq":
            return _small_change(plain, reading)
        return reading

    # ------------------------------------------------------------------ ranges
    def _ranged(self, first: Reading) -> Reading:
        """``first`` extended to its range, where a second end follows: 20亿至50亿美元, 15%到20%."""
        plain = self.plain
        join = _JOIN.match(plain, first.end)
        if not join or first.bound not in ("eq", "approx"):
            return first
        other = read(plain, join.end())
        if other is None or other.vague or other.bare:
            return first
        second = _fraction(plain, other) or self._one(other)
        if second is None or second.bound not in ("eq", "approx") or not _same_measure(first, second):
            return first
        if second.kind == "duration":
            return first._replace(end=second.end, value=f"{first.value}/{second.value}", bound="range")
        if first.low is None or second.high is None or first.low >= second.high:
            return first
        if plain[first.start - 1 : first.start] in ("从", "由") and not plain.startswith("不等", second.end):
            return first  # a change, from the one to the other
        return first._replace(end=second.end, high=second.high, unit=second.unit, bound="range")

    def _loose_range(self, first: Numeral) -> Reading | None:
        """The unit stands behind the second end alone: 50-100万张, 三到五年, 10至15%."""
        plain = self.plain
        join = _JOIN.match(plain, first.end)
        if not join or first.vague:
            return None
        currency = _currency_before(plain, join.end())
        other = read(plain, join.end())
        if other is None or other.vague or (other.bare and not currency):
            return None
        second = _fraction(plain, other) or self._one(other)
        if second is None or second.kind in ("vague", "date") or second.bound not in ("eq", "approx", "ge"):
            return None
        low = first.low
        scale = _scale_of(plain, other)
        if scale > 1 and _scale_of(plain, first) == 1 and low * scale < other.high:
            low *= scale
        if low >= other.high:
            return None
        if second.kind == "duration":
            return _duration_range(plain[second.start : second.end], first, low, second)
        if second.low is None or not other.low:
            return None
        factor = second.low / other.low
        return Reading(
            first.start, second.end, second.kind, low * factor, second.high, unit=second.unit, bound="range"
        )


# ---------------------------------------------------------------- helpers
_DOUBLED = re.compile(r"翻了?([一两二三四])?(?:番|倍)(?!身|来|译)")
_HALVES: dict[str, tuple[int, Bound]] = {
    "过半数": (50, "ge"),
    "过半": (50, "ge"),
    "近半数": (50, "approx"),
    "近半": (50, "approx"),
    "半数以上": (50, "ge"),
    "半数": (50, "eq"),
    "腰斩": (50, "eq"),
}
_RANK = re.compile(r"第(?=[\d一二三四五六七八九十百千])|[前头](?=\d|[一二三四五六七八九十])")
_RANK_TAIL = re.compile(r"大(?!道|会|街|楼)|好|高|低|强|位|名|次(?!产|世)|轮|回")
_RANK_HEAD = re.compile(r"(?:全球|世界|全国|亚洲|全美)$")
_RANKED = re.compile(
    r"(?:排名?|排在|位居|位列|名列|居|列|跃居|跃升|退居|升至|降至|跌至|跻身|进入|排到|全球|世界|全国|国内|亚洲|板|榜)(?:了|前|至|到|为)?$"
)
_NOT_RANK = re.compile(r"[一-龥]")
_RATIO = re.compile(r"比(?:一|1)(?![\d.一二三四五六七八九十百千万])")
_EVERY_SECOND = re.compile(r"每秒$")
_PERIOD_BEFORE = re.compile(r"(?:过去|未来|最近|今后)$")
_INNER = re.compile(r"个([多半])(?=月|小时|季度|星期|礼拜|百分点|基点|点|世纪|钟头|亿|工作日)")
_SHORT = re.compile(
    r"(?P<B>B)(?![A-Za-z0-9])|(?P<G>G)(?![A-Za-z0-9])|(?P<window>[KM])(?![A-Za-z0-9])|(?P<T>T)(?=参数|[ ]?参数)"
)
_BREAK = re.compile(r"[。！？\n]")
_MONEY_WORD = re.compile(
    r"(?:收入|营收|利润|投资|市值|金额|成本|花了?|价格?|融资|规模|亏损?|赚了?|罚款|罚|资产|支出|募资|预算|补贴|货值|贷款|总额|估值|工资|奖金|赔了?|卖到|跌破|涨到|效益|计提|减值|票房|营业额|利息|费用?|抽成|赏金)(?:约|近|从|的|达|超|超过|逾|为|了|到|是|高达|共|合计|在)*$"
)
_CLOCK = re.compile(r"点|时|:$")


def local_currency(text: str, plain: str) -> str:
    """What a bare 元 is: by the places and currencies that a traditional text names; else CNY."""
    if "新台币" in plain and "人民币" not in plain:
        return "TWD"
    if text == plain or sum(text.count(c) for c in "億萬這個們產為") < 2:
        return "CNY"
    marks = {
        "MOP": plain.count("澳门"),
        "HKD": plain.count("港元")
        + plain.count("香港")
        + plain.count("港股")
        + plain.count("港府")
        + plain.count("立法会"),
        "TWD": plain.count("台币")
        + plain.count("台湾")
        + plain.count("台积电")
        + plain.count("台股")
        + plain.count("台北")
        + plain.count("立法院"),
    }
    best = max(marks, key=lambda code: marks[code])
    return best if marks[best] else "TWD"


def _in_name(plain: str, start: int) -> bool:
    """Whether the digit or letter at ``start`` stands inside a name such as H200, GPT-4 or v2.1."""
    if not start:
        return False
    before = plain[start - 1]
    if before.isascii() and (before.isalpha() or before == "_"):
        return True
    if before in "-." and start > 1 and plain[start - 2].isascii() and plain[start - 2].isalnum():
        return (
            not (before == "-" and plain[start - 2].isdigit())
            or _MODEL_LETTER.search(plain[start - 2 : start - 1]) is not None
        )
    return _FAMILY.search(plain[max(0, start - 4) : start]) is not None and plain[start - 1] != "第"


_GUARDED = re.compile(r"三星(?!期)|十分(?!之|钟|半)|一分钱|四周围|腰斩过|六本木")


def _idiom(plain: str, start: int) -> int:
    """The end of the word that makes this numeral a part of itself, or 0."""
    if plain.startswith("九天", start) and plain.endswith("华大", 0, start):
        return start + 2  # 华大九天, a maker of design tools
    if guarded := _GUARDED.match(plain, start):
        return guarded.end()
    for word in _IDIOMS.get(plain[start], ()):
        if plain.startswith(word, start):
            return start + len(word)
    return 0


_NUMERIC = frozenset("0123456789零〇一二两三四五六七八九十百千万亿")


def _past_numeral(plain: str, start: int) -> int:
    """Where the run of numerals that could not be read ends."""
    at = start + 1
    while at < len(plain) and (plain[at] in _NUMERIC or plain[at] in ",."):
        at += 1
    return at


def _tail_of_word(plain: str, numeral: Numeral) -> bool:
    """Whether the numeral ends a word: 统一, 之一, 张三."""
    start = numeral.start
    return numeral.end == start + 1 and start > 0 and plain[start - 1] in _TAILS.get(plain[start], "")


def _currency_before(plain: str, start: int) -> tuple[int, str] | None:
    """The currency that stands before its number: US$30, 人民币3亿."""
    at = start - (plain[start - 1 : start] == " ")
    for length in (3, 2, 1):
        word = plain[max(0, at - length) : at]
        if len(word) == length and word in PREFIXES:
            return at - length, PREFIXES[word]
    return None


def _currency_after(plain: str, end: int) -> str | None:
    """The currency that 元 is told to be: 27万元人民币, 500元新台币."""
    return next(
        (
            code
            for name, code in (("人民币", "CNY"), ("新台币", "TWD"), ("台币", "TWD"), ("港币", "HKD"))
            if plain.startswith(name, end)
        ),
        None,
    )


def _spaced(unit: Unit, plain: str, numeral: Numeral) -> bool:
    """Whether a unit may stand after a space: 4.8 TB/s may."""
    return plain[numeral.end - 1].isascii()


def _fraction(plain: str, numeral: Numeral) -> Reading | None:
    """三分之一, 百分之十二点四, 千分之二 and 一半, as percent."""
    if plain[numeral.start : numeral.end] == "一" and plain.startswith("半", numeral.end):
        return (
            Reading(numeral.start, numeral.end + 1, "percent", Fraction(50), Fraction(50), unit="%")
            if not plain.startswith("半天", numeral.end)
            else None
        )
    if not plain.startswith("分之", numeral.end):
        return None
    upper = read(plain, numeral.end + 2)
    if upper is None or not numeral.low or upper.vague:
        return Reading(numeral.start, numeral.end + 3, "vague") if upper else None
    if upper.bare and numeral.low != 100:
        return None
    bound: Bound = "eq" if upper.exact else "range" if upper.low != upper.high else "ge"
    low, high = (value / numeral.low * 100 for value in (upper.low, upper.high))
    return Reading(numeral.start, upper.end, "percent", low, high, unit="%", bound=bound)


def _tenths(plain: str, word: str, low: Fraction, high: Fraction, end: int) -> tuple[Fraction, Fraction, int]:
    """两成五, 两成半 and 一成多 behind 成."""
    if word != "成":
        return low, high, end
    if plain.startswith("半", end) and not plain.startswith("半导", end):
        return low + Fraction(1, 2), high + Fraction(1, 2), end + 1
    digit = read(plain, end)
    if (
        digit
        and digit.exact
        and digit.end == end + 1
        and 1 <= digit.low <= 9
        and plain[end] != "两"
        and not plain.startswith(("个", "家", "年", "月", "倍", "成"), end + 1)
    ):
        return low + digit.low / 10, high + digit.low / 10, end + 1
    return low, high, end


def _is_tenth(plain: str, numeral: Numeral, end: int) -> bool:
    """Whether 成 is a tenth: 三成, but not 三成员 or 一成不变."""
    return numeral.high <= 10 and not plain.startswith(
        ("员", "不变", "本", "为", "立", "熟", "长", "功", "果", "品", "都"), end
    )


def _is_money_piece(plain: str, end: int, value: Fraction) -> bool:
    """Whether 块 is money: 九块, 6块5, 十块钱; not 两块芯片, 418亿块."""
    if not 1 <= value <= 10**7:
        return False
    follows = plain[end : end + 1]
    return (
        not follows
        or follows in "。，,、；;！？!?)）”」 \n上左以的就降涨升一二三四五六七八九0123456789"
        or plain.startswith("多", end)
    )


def _small_change(plain: str, reading: Reading) -> Reading:
    """6块5, 两角三分, 八元六角: the smaller coins behind a sum."""
    end, low = reading.end, reading.low
    numeral = read(plain, end)
    if low is None or numeral is None or not numeral.exact or numeral.end != end + 1 or numeral.low >= 10:
        return reading
    step = Fraction(1, 10) if plain[end - 1] in "块元圆" else Fraction(1, 100)
    follows = plain[numeral.end : numeral.end + 1]
    if follows in ("角", "毛") or (follows == "分" and not plain.startswith("分钟", numeral.end)):
        value = low + numeral.low * (Fraction(1, 10) if follows in ("角", "毛") else Fraction(1, 100))
        return _small_change(plain, reading._replace(end=numeral.end + 1, low=value, high=value))
    if plain[end - 1] == "块" and (not follows or not follows.isalnum()):
        value = low + numeral.low * step
        return reading._replace(end=numeral.end, low=value, high=value)
    return reading


def _short(plain: str, numeral: Numeral, match: re.Match[str]) -> Reading | None:
    """70B, 1.8T参数, 128K and 141G, whose letter stands for more."""
    start, end = numeral.start, match.end()
    behind = plain[end : end + 6]
    if match["B"]:
        if _CHIP.match(plain, start):
            return None
        named = _PARAMETERS.match(plain, end)
        end = named.end() if named else end
        return Reading(start, end, "count", numeral.low * 10**9, numeral.high * 10**9, unit="参数")
    if match["T"]:
        return Reading(start, end + 2, "count", numeral.low * 10**12, numeral.high * 10**12, unit="参数")
    if match["G"]:
        if "光" in behind and numeral.low >= 100:
            return Reading(start, end, "quantity", numeral.low, numeral.high, unit="Gb/s")
        return (
            Reading(start, end, "quantity", numeral.low, numeral.high, unit="GB")
            if numeral.low >= 8
            else None
        )
    if "上下文" in behind or "token" in behind or _CONTEXT.search(plain[max(0, start - 8) : start]):
        scale = 1000 if match["window"] == "K" else 10**6
        return Reading(start, end, "count", numeral.low * scale, numeral.high * scale, unit="token")
    return None


_CHIP = re.compile(r"(?:910|920|310|950|960)")
_PARAMETERS = re.compile(r"[ ]?参数(?!量|规)")
_CONTEXT = re.compile(r"上下文|窗口")


def _same_measure(first: Reading, second: Reading) -> bool:
    """Whether two readings may be the ends of one range."""
    if first.kind != second.kind:
        return False
    return first.unit == second.unit or first.kind == "duration"


def _scale_of(plain: str, numeral: Numeral) -> int:
    """The scale that a numeral ends with: 10000 of 8万, else 1."""
    scale, at = 1, numeral.end - 1
    while at >= numeral.start and plain[at] in BIG:
        scale, at = scale * BIG[plain[at]], at - 1
    return scale


def _without_prefix(plain: str, numeral: Numeral) -> Numeral:
    """The numeral without the 千 of 千瓦 or the 兆 of 兆瓦 that it took for a scale."""
    if plain[numeral.end - 1] not in "千兆" or numeral.end == numeral.start + 1:
        return numeral
    unit = unit_at(plain, numeral.end - 1)
    if unit is None or unit[1].kind != "quantity":
        return numeral
    shorter = read(plain[: numeral.end - 1], numeral.start)
    return shorter if shorter and shorter.end == numeral.end - 1 else numeral


def _amount(value: Fraction) -> str:
    """A number inside an ISO 8601 duration."""
    return str(number(value))


def _iso_duration(value: Fraction, designator: str) -> str:
    """P3Y, PT90M, P1.4D."""
    time = designator.startswith("T")
    return f"P{'T' if time else ''}{_amount(value)}{designator[-1]}"


_HALF_UNITS = {"Y": (12, "M"), "TH": (60, "TM"), "D": (24, "TH"), "M": (30, "D"), "TM": (60, "TS")}


def _duration(
    plain: str, start: int, numeral: Numeral, word: str, unit: Unit, end: int, extra: Fraction
) -> Reading | None:
    """三年, 两年半, 半小时, 三个季度; None where the words are no length of time."""
    designator, times = DURATIONS[word]
    low, high = numeral.low * times, numeral.high * times
    if _NOT_DURATION.match(plain, end) or (
        word in ("年", "月", "日", "周") and _no_length(plain, numeral, word, end)
    ):
        return None
    if numeral.bare or (plain[start : numeral.end] == "一" and _no_duration_of_one(plain, start, word)):
        return None
    if designator == "TS" and low.denominator != 1:
        return Reading(start, end, "quantity", low, high, unit="s")
    half = plain[start] == "半" and numeral.end == start + 1
    if half and designator in _HALF_UNITS:
        by, smaller = _HALF_UNITS[designator]
        if times != 1:
            return None
        return Reading(start, end, "duration", value=_iso_duration(Fraction(by, 2), smaller))
    if extra and designator == "TH":
        return Reading(start, end, "duration", value=f"PT{_amount(low)}H30M")
    if extra and designator == "M":
        low = high = (numeral.low + extra) * times
        return Reading(start, end, "duration", value=_iso_duration(low, designator))
    if (
        plain.startswith("半", end)
        and designator in ("Y", "TH", "TM")
        and times == 1
        and low == high
        and not plain.startswith("半导", end)
    ):
        if designator == "Y":
            return Reading(start, end + 1, "duration", value=f"P{_amount(low * 12 + 6)}M")
        tail = "H30M" if designator == "TH" else "M30S"
        return Reading(start, end + 1, "duration", value=f"PT{_amount(low)}{tail}")
    if designator == "TH" and low == high:
        minutes = read(plain, end)
        if minutes and minutes.exact and plain.startswith("分", minutes.end):
            stop = minutes.end + (2 if plain.startswith("分钟", minutes.end) else 1)
            return Reading(start, stop, "duration", value=f"PT{_amount(low)}H{_amount(minutes.low)}M")
    if low != high:
        return Reading(
            start,
            end,
            "duration",
            value=f"{_iso_duration(low, designator)}/{_iso_duration(high, designator)}",
            bound="range",
        )
    return Reading(start, end, "duration", value=_iso_duration(low, designator))


_NOT_DURATION = re.compile(r"级|代(?!工|表)|货|度(?=报告)|前年|后年")


_POINTED = re.compile(r"[这那同哪下上前某头另当有全]$")


def _no_duration_of_one(plain: str, start: int, word: str) -> bool:
    """Whether 一 and a word of time are no measure: 有一天, 这一年, 下一个季度, 一日."""
    if _POINTED.search(plain[start - 1 : start]) and start:
        return True
    return (
        word in ("天", "日", "季", "个季度", "月", "载", "个交易日", "秒", "分钟")
        and bounds.before(plain, start) is None
    )


def _no_length(plain: str, numeral: Numeral, word: str, end: int) -> bool:
    """Whether 年, 月 or 日 after this number is a date or a word after all."""
    if word == "月":
        return True
    if word == "日":
        return not plain[numeral.start].isdigit() and False
    if word == "周":
        return plain.startswith(("刊", "报", "期", "边", "围"), end)
    return numeral.low >= 1000 and numeral.exact and plain[numeral.start].isdigit()


_QUARTERS = re.compile(r"季度?$")


def _duration_range(second_text: str, first: Numeral, low: Fraction, second: Reading) -> Reading | None:
    """三到五年: the unit of the second end is that of the first."""
    value = second.value or ""
    if "/" in value:
        return None
    match = re.fullmatch(r"(PT?)([\d.]+)([YMWDHS])", value)
    if not match:
        return None
    quarters = _QUARTERS.search(second_text)
    times = 3 if quarters else 1
    return Reading(
        first.start,
        second.end,
        "duration",
        value=f"{match[1]}{_amount(low * times)}{match[3]}/{value}",
        bound="range",
    )


_DATE_AFTER = re.compile(
    r"(?P<approx>前后|左右)|(?P<le>(?:之前|以前|前)(?!提|景|沿|端|三|五|十|一|两|二|四|[1-9]))|(?P<ge>以后)"
)


def _date_bound(plain: str, end: int, bound: Bound) -> tuple[int, Bound]:
    """The bound word behind a date: 2030年前, 2028年前后, 2028年以后."""
    match = _DATE_AFTER.match(plain, end)
    if not match:
        return end, bound
    return match.end(), "approx" if match["approx"] else "le" if match["le"] else "ge"


def find(text: str, *, published: str | None = None) -> Iterator[Figure]:
    """Figures of a text, in order.

    ``published`` is the ISO date that 今年 and 12月8日 are read against; without it they keep no value.

    >>> [(f.text, f.low, f.unit) for f in find("投资1.5亿元，昇腾出货50万-100万张")]
    [('1.5亿元', 150000000, 'CNY'), ('50万-100万张', 500000, '张')]
    >>> list(find("H200和三五成群"))
    []
    """
    readings = scan(text, published=published)
    spots = [Spot(r.start, r.end, r.kind, r.unit) for r in readings]
    for reading, of in zip(readings, subjects(text, fold(text), spots), strict=True):
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
            of=of if reading.kind != "vague" else None,
        )


def scan(text: str, *, published: str | None = None) -> list[Reading]:
    """What numbers stand in a text, in order, without what they measure."""
    return list(_Scan(text, _published(published)).readings())


def _published(published: str | None) -> date | None:
    try:
        return date.fromisoformat(published[:10]) if published else None
    except ValueError:
        return None
