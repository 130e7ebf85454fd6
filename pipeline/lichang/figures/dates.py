"""Dates to ISO 8601 against the publication date: 今年, 上半年, 去年12月8日, 2021年至2024年, 两年前."""

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from lichang.figures.numerals import read
from lichang.records import Bound, Mod

_CN = "〇零一二三四五六七八九"
_SMALL = r"\d{1,2}|[一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九]"
_RELATIVE_YEARS = {
    "大前年": -3,
    "前年": -2,
    "去年": -1,
    "上年": -1,
    "今年": 0,
    "本年": 0,
    "上一年": -1,
    "下年": 1,
    "明年": 1,
    "来年": 1,
    "后年": 2,
}
_RELATIVE_DAYS = {"大前天": -3, "前天": -2, "昨天": -1, "昨日": -1}
_RELATIVE = {
    "上上": -2,
    "上": -1,
    "上一": -1,
    "上个": -1,
    "本": 0,
    "这": 0,
    "今": 0,
    "上一个": -1,
    "下一个": 1,
    "上上个": -2,
    "这个": 0,
    "下": 1,
    "下一": 1,
    "下个": 1,
    "下下": 2,
}
_WHICH = "上上个|上一个|下一个|上上|上一|上个|上|本|这个|这|今|下下|下一|下个|下"
_WEEKDAYS = {**{c: i for i, c in enumerate("一二三四五六日")}, "天": 6}

# 两千零四年, 二千年
_SPOKEN = r"[一二两]千(?:九百)?零?(?:[一二三四五六七八九]?十)?[一二三四五六七八九]?"
_YEAR = re.compile(
    rf"(?:公元)?(?P<four>(?:1\d|20|21)\d\d|[一二][{_CN}]{{3}}|{_SPOKEN})(?=[ ]?(?:财|财政|自然|日历)?年)"
    r"[ ]?(?:财年|财政年度|年度|自然年|日历年|年)"
    rf"|(?P<two>\d\d|[{_CN}]{{2}})[ ]?(?:年|财年)"
    rf"|FY(?P<fy>20\d\d|\d\d)(?!\d)"
    rf"|(?P<relative>{'|'.join(_RELATIVE_YEARS)})"
)
_ISO = re.compile(r"((?:19|20)\d\d)([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_MONTH = re.compile(rf"({_SMALL})[ ]?月(份|(?!球|亮|光|饼|子))?")
_DAY = re.compile(rf"({_SMALL})[ ]?[日号](?!本|元|圆|线|楼|院|机|码|店|间|常)")
# 四月十三: a day without its 日, where nothing is counted behind it.
_BARE_DAY = re.compile(
    r"(\d{1,2}|[二三]?十[一二三四五六七八九]?|廿[一二三四五六七八九])(?=$|[。，,；;、\s）)]|[至到])"
)
_PART = re.compile(
    r"(?P<start>初|上旬)|(?P<mid>中旬|中(?!国|美|方|期|外|标|芯|央|东|欧|文|部|心|间|科|移|信|报|等))|(?P<end>月底|底|末|下旬)"
)
_QUARTER = re.compile(
    r"[ ]?第?([一二三四1234])(季度|财季)|[ ]?第([一二三四1234])季|([首末])(?:个)?季度?|Q([1-4])(?:季度|(?![0-9A-Za-z]))"
)
_HALF = re.compile(r"([上下])半(?:年度?|财年)|H([12])(?![0-9A-Za-z])")
_FIRST = re.compile(rf"[前头]({_SMALL}|两)个?(季度|月)")
_NTH_MONTH = re.compile(rf"(?:的)?第({_SMALL})个月|首月")
_NTH_WEEKDAY = re.compile("的?第([一二三四五])个(?:周|星期|礼拜)([一二三四五六日天])")
_DAYS_OF_MONTH = re.compile(rf"的?(?P<side>前|头|最后)({_SMALL}|两)[天日]")
_HALF_YEAR = re.compile("[前后]半年")
_JOIN = re.compile(r"[ ]?(?:(?P<both>与|和)|-{1,2}|~|至|到)[ ]?")
_BETWEEN = re.compile("之?间")
_YEAR_PART = re.compile(r"年(?P<start>初)|年(?P<mid>中)(?!国|美|方|期)|年(?P<end>底|末)|年(?P<all>内)")
_WEEKDAY = re.compile(
    rf"(?:(?P<which>{_WHICH})(?:一)?)?(?:周|星期|礼拜)(?P<day>[一二三四五六日天])(?!刊|期|报|川|年)"
)
_NAMED_DAY = re.compile("[,，]?[ ]?(?:周|星期|礼拜)([一二三四五六日天])")
_WEEK = re.compile(rf"(?P<which>{_WHICH})(?:周|星期|礼拜)(?![一二三四五六日天末])")
_REL_MONTH = re.compile(rf"(?P<which>{_WHICH})月(?!球|亮|光)")
_REL_QUARTER = re.compile(rf"(?P<which>{_WHICH})(?:季度|季|财季)(?!节|赛)")
_DECADE = re.compile(
    r"(?:(?P<century>\d\d|[一二]?十[一二三四五六七八九]?)世纪|上(?:个)?世纪|本世纪)?(?P<decade>\d0|[二三四五六七八九]十)年代"
)
_CENTURY = re.compile(r"(\d\d|[一二]?十[一二三四五六七八九]?)世纪(?!\d|[二三四五六七八九])")
_PLAN = re.compile(
    r"[“「\"]?(十一|十二|十三|十四|十五|十六)[·•]?五[”」\"]?(?=期间|规划|时期|末|初|计划|收官|以来|开局|目标)(期间|时期)?"
)
_AGO = re.compile(r"(?:之|以)?前(?!后|端|沿|列|十|五|三|夕|瞻|景|台)")
_SHOPPING = {
    "双十一": (11, 11),
    "双11": (11, 11),
    "双十二": (12, 12),
    "双12": (12, 12),
    "元旦": (1, 1),
    "国庆节": (10, 1),
    "国庆": (10, 1),
}
_FESTIVAL = re.compile("|".join(sorted(_SHOPPING, key=len, reverse=True)))


@dataclass(frozen=True)
class Anchor:
    """What undated words are read against: the publication date, and the last dates before them."""

    published: date | None = None
    year: int | None = None  # of the last date in the text that named one
    month: int | None = None  # of the last date that named one, with its year
    month_year: int | None = None
    period: str | None = None  # the last period, which 去年同期 moves back by a year

    def seen(self, value: str) -> "Anchor":
        """The anchor after a date of this value."""
        first = value.split("/")[0]
        if not first[:4].isdigit():
            return self
        year = int(first[:4])
        month = int(first[5:7]) if len(first) >= 7 and first[5:7].isdigit() else None
        if month:
            period = self.period if len(first) == 10 else value
            return replace(self, year=year, month=month, month_year=year, period=period)
        return replace(self, year=year, period=value if len(value) > 4 else self.period)


class Dated(NamedTuple):
    """A date in ``plain[start:end]``; ``value`` is None where it hangs on an unknown publication date."""

    start: int
    end: int
    value: str | None
    bound: Bound = "eq"
    mod: Mod | None = None


def _small(text: str) -> int:
    """A number below 100 in digits or characters."""
    numeral = read(text, 0)
    return int(numeral.low) if numeral else 0


def _year(match: re.Match[str], anchor: Anchor) -> int | None:
    """The year that a match of ``_YEAR`` names; None where it hangs on an unknown date."""
    if match["four"]:
        numeral = read(match["four"], 0)
        return int(numeral.low) if numeral else None
    short = match["two"] or match["fy"]
    if short:
        numeral = read(short, 0)
        year = int(numeral.low) if numeral else 0
        return year if year > 99 else year + (2000 if year < 50 else 1900)
    now = anchor.published
    return now.year + _RELATIVE_YEARS[match["relative"]] if now else None


def _within(year: int | None, tail: str) -> str | None:
    return f"{year:04d}{tail}" if year is not None else None


def _undated_year(month: int, anchor: Anchor) -> int | None:
    """The year of a month that stands without one: that of the text's own story, else the nearest past."""
    now = anchor.published
    if now is None:
        return anchor.year
    return now.year if month <= now.month + 6 else now.year - 1


def _shift_month(now: date, by: int) -> tuple[int, int]:
    month = now.year * 12 + now.month - 1 + by
    return month // 12, month % 12 + 1


def _part(plain: str, at: int) -> tuple[int, Mod | None]:
    """底, 初 or 中旬 at this place: where it ends, and the part that it names."""
    match = _PART.match(plain, at)
    if not match:
        return at, None
    mod: Mod = "start" if match["start"] else "mid" if match["mid"] else "end"
    return match.end(), mod


def _month_at(plain: str, start: int, at: int, year: int | None, anchor: Anchor, given: bool) -> Dated | None:
    """A month, with its day or part, behind a year or alone."""
    match = _MONTH.match(plain, at)
    if not match:
        return None
    month = _small(match[1])
    if not 1 <= month <= 12:
        return None
    end = match.end()
    if not given:
        year = _undated_year(month, anchor)
    day = _DAY.match(plain, end + (plain[end : end + 1] == " "))
    if day and 1 <= _small(day[1]) <= 31:
        return Dated(start, day.end(), _within(year, f"-{month:02d}-{_small(day[1]):02d}"))
    if (bare := _BARE_DAY.match(plain, end)) and 1 <= _small(bare[1]) <= 31:
        return Dated(start, bare.end(), _within(year, f"-{month:02d}-{_small(bare[1]):02d}"))
    return _of_month(plain, start, end, year, month)


def _of_month(plain: str, start: int, end: int, year: int | None, month: int) -> Dated:
    """A month that ends at ``end``, or the part of it that is named next: 底, 第一个周二, 最后五天."""
    if year and (nth := _NTH_WEEKDAY.match(plain, end)):
        first = date(year, month, 1)
        ahead = (_WEEKDAYS[nth[2]] - first.weekday()) % 7 + 7 * (_small(nth[1]) - 1)
        return Dated(start, nth.end(), (first + timedelta(ahead)).isoformat())
    if year and (some := _DAYS_OF_MONTH.match(plain, end)):
        length = (date(year + month // 12, month % 12 + 1, 1) - date(year, month, 1)).days
        days = min(_small(some[2]), length)
        low, high = (length - days + 1, length) if some["side"] == "最后" else (1, days)
        stem = f"{year:04d}-{month:02d}"
        return Dated(start, some.end(), f"{stem}-{low:02d}/{stem}-{high:02d}", "range")
    end, mod = _part(plain, end)
    return Dated(start, end, _within(year, f"-{month:02d}"), "eq", mod)


def _in_year(plain: str, start: int, at: int, year: int | None, anchor: Anchor, given: bool) -> Dated | None:
    """A month, quarter or half at ``at``, of ``year``."""
    dated = _month_at(plain, start, at, year, anchor, given)
    if dated:
        return dated
    if not given:
        now = anchor.published
        year = now.year if now else anchor.year
    if match := _HALF.match(plain, at):
        half = match[2] or ("1" if match[1] == "上" else "2")
        return Dated(start, match.end(), _within(year, f"-H{half}"))
    if given and (match := _NTH_MONTH.match(plain, at)) and 1 <= (month := _small(match[1] or "一")) <= 12:
        return Dated(start, match.end(), _within(year, f"-{month:02d}"))
    if given and (match := _HALF_YEAR.match(plain, at)):
        return Dated(start, match.end(), _within(year, "-H1" if match[0][0] == "前" else "-H2"))
    if match := _QUARTER.match(plain, at):
        name = match[1] or match[3] or match[4] or match[5]
        quarter = {"首": 1, "末": 4}.get(name) or _small(name)
        if (
            not given
            and anchor.published
            and year == anchor.published.year
            and quarter > (anchor.published.month + 2) // 3 + 2
        ):
            year -= 1
        end, mod = _part(plain, match.end())
        return Dated(start, end, _within(year, f"-Q{quarter}"), "eq", mod)
    if match := _FIRST.match(plain, at):
        last = _small(match[1])
        if match[2] == "季度" and last in (2, 3):
            value = _within(year, "-Q1") and f"{year:04d}-Q1/{year:04d}-Q{last}"
        elif match[2] == "月" and 2 <= last <= 11 and (given or "个" in match[0]):
            value = _within(year, "-01") and f"{year:04d}-01/{year:04d}-{last:02d}"
        else:
            return None
        return Dated(start, match.end(), value, "range")
    return None


def _same_period(anchor: Anchor) -> str | None:
    """去年同期: the period last named, a year before."""
    if anchor.published is None:
        return None
    if anchor.period and abs(int(anchor.period[:4]) - anchor.published.year) <= 1:
        return "/".join(f"{int(end[:4]) - 1:04d}{end[4:]}" for end in anchor.period.split("/"))
    return str(anchor.published.year - 1)


def _with_year(plain: str, start: int, anchor: Anchor) -> Dated | None:
    """A date that begins with its year: 2025年, 去年12月8日, 2026财年第二季度, 今年底, 去年同期."""
    match = _YEAR.match(plain, start)
    if not match:
        return None
    year, at = _year(match, anchor), match.end()
    space = at + (plain[at : at + 1] in (" ", "的") and plain[at + 1 : at + 2].isdigit())
    inner = _in_year(plain, start, space, year, anchor, True) or _in_year(
        plain, start, at, year, anchor, True
    )
    if match["two"] and not _looks_dated(plain, match, inner):
        return None
    if inner:
        return inner
    if festival := _FESTIVAL.match(plain, at):
        month, day = _SHOPPING[festival[0]]
        return Dated(start, festival.end(), _within(year, f"-{month:02d}-{day:02d}"))
    if plain.startswith("同期", at) and match["relative"] == "去年":
        return Dated(start, at + 2, _same_period(anchor))
    if match["relative"] or match["four"] or match["two"]:
        # 去年年底 says the year twice.
        skip = at + (plain[at : at + 1] == "年" and plain[at + 1 : at + 2] in ("底", "初", "末", "中"))
        if plain[skip : skip + 1] in ("底", "初", "末") or (
            plain[skip : skip + 1] == "中" and (skip > at or _PART.match(plain, skip))
        ):
            end, mod = _part(plain, skip)
            return Dated(start, end, _within(year, ""), "eq", mod)
    return Dated(start, at, _within(year, ""))


def _looks_dated(plain: str, match: re.Match[str], inner: Dated | None) -> bool:
    """Whether two digits and 年 are a year: 21年底, 自23年; 22年 alone is a duration."""
    if inner or match["two"][0] in "0零" or plain[match.end() : match.end() + 1] in ("底", "初", "末"):
        return True
    before = plain[max(0, match.start() - 2) : match.start()]
    return before.endswith(("从", "自", "于", "截至")) and plain[match.end() : match.end() + 1] not in (
        "多",
        "内",
        "间",
        "来",
    )


def _relative(plain: str, start: int, anchor: Anchor) -> Dated | None:
    """上月, 本周三, 下季度, 昨日, 年底 and the like."""
    now = anchor.published
    if match := _REL_MONTH.match(plain, start):
        year, month = _shift_month(now, _RELATIVE[match["which"]]) if now else (0, 0)
        day = _DAY.match(plain, match.end())
        if day and 1 <= _small(day[1]) <= 31:
            return Dated(start, day.end(), f"{year:04d}-{month:02d}-{_small(day[1]):02d}" if now else None)
        return _of_month(plain, start, match.end(), year if now else None, month)
    if match := _WEEKDAY.match(plain, start):
        return Dated(start, match.end(), _weekday(match, plain, now))
    if match := _REL_QUARTER.match(plain, start):
        if not now or match["which"] in ("这", "这个"):
            return None
        quarter = now.year * 4 + (now.month - 1) // 3 + _RELATIVE[match["which"]]
        return Dated(start, match.end(), f"{quarter // 4:04d}-Q{quarter % 4 + 1}")
    if match := _YEAR_PART.match(plain, start):
        year_ = str(now.year) if now else None
        if match["all"]:
            return Dated(start, match.end(), year_, "le")
        mod_: Mod = "start" if match["start"] else "mid" if match["mid"] else "end"
        return Dated(start, match.end(), year_, "eq", mod_)
    for word, days in _RELATIVE_DAYS.items():
        if plain.startswith(word, start):
            return Dated(start, start + len(word), (now + timedelta(days)).isoformat() if now else None)
    return None


def _weekday(match: re.Match[str], plain: str, now: date | None) -> str | None:
    """上周五 by the calendar week; a bare 周四 is the last one, and 周一之前 the next."""
    if now is None:
        return None
    day = _WEEKDAYS[match["day"]]
    monday = now - timedelta(now.weekday())
    if match["which"]:
        return (monday + timedelta(7 * _RELATIVE[match["which"]] + day)).isoformat()
    found = monday + timedelta(day)
    ahead = plain.startswith(("前", "之前"), match.end())
    if found > now and not ahead:
        found -= timedelta(7)
    elif found < now and ahead:
        found += timedelta(7)
    return found.isoformat()


def _day_alone(plain: str, start: int, anchor: Anchor) -> Dated | None:
    """8日, 11号: of the month named before, or the last one on or before publication."""
    match = _DAY.match(plain, start)
    if not match or not match[1].isdigit() or not 1 <= int(match[1]) <= 31:
        return None
    day, now = int(match[1]), anchor.published
    if plain.startswith(("内", "之内", "以内", "间"), match.end()):
        return None
    if now is None:
        value = (
            f"{anchor.month_year:04d}-{anchor.month:02d}-{day:02d}"
            if anchor.month and anchor.month_year
            else None
        )
        return Dated(start, match.end(), value)
    if (
        anchor.month
        and anchor.month_year
        and (anchor.month_year, anchor.month) != (now.year, now.month)
        and day > now.day
    ):
        return Dated(start, match.end(), f"{anchor.month_year:04d}-{anchor.month:02d}-{day:02d}")
    # The nearest such day, the past before the future: 16日 on the 10th is to come, 25日 has been.
    ahead = day > now.day and 2 * (day - now.day) > now.day + 30 - day
    year, month = _shift_month(now, -1) if ahead else (now.year, now.month)
    return Dated(start, match.end(), f"{year:04d}-{month:02d}-{day:02d}")


def _era(plain: str, start: int, anchor: Anchor) -> Dated | None:
    """Decades, centuries and five-year plans."""
    if match := _PLAN.match(plain, start):
        first = 2006 + 5 * (_small(match[1]) - 11)
        quoted = start > 0 and plain[start - 1] in '“「"' and match.end() > start + 3
        return Dated(start - quoted, match.end(), f"{first}/{first + 4}", "range")
    if match := _DECADE.match(plain, start):
        century = (
            _small(match["century"]) if match["century"] else 21 if plain.startswith("本", start) else 20
        )
        decade = (century - 1) * 100 + _small(match["decade"])
        return Dated(start, match.end(), f"{decade}/{decade + 9}")
    return None


def _range_tail(plain: str, first: Dated, anchor: Anchor) -> Dated | None:
    """The second end of 2021年至2024年, 5月13日至6月18日, 7月3日至5日."""
    join = _JOIN.match(plain, first.end)
    if not join or first.value is None or "/" in first.value or first.mod:
        return None
    # 从3月到5月 names its ends; 一年到两年 is a duration, and is not read as a date at all.
    at, value = join.end(), first.value
    inherit = replace(
        anchor,
        year=int(value[:4]),
        month=int(value[5:7]) if len(value) == 10 else None,
        month_year=int(value[:4]),
    )
    second = (
        _iso(plain, at)
        or _with_year(plain, at, inherit)
        or _in_year(plain, at, at, int(value[:4]), inherit, True)
    )
    if second is None and len(value) == 10 and (day := _DAY.match(plain, at)) and 1 <= _small(day[1]) <= 31:
        second = Dated(at, day.end(), f"{value[:8]}{_small(day[1]):02d}")
    if (
        second is None
        or second.value is None
        or second.mod
        or "/" in second.value
        or second.value[:4] < value[:4]
    ):
        return None
    if plain.startswith(("底", "末"), second.end):
        return None
    end = second.end
    if join["both"]:
        between = _BETWEEN.match(plain, end)
        if not between:
            return None
        end = between.end()
    return Dated(first.start, end, f"{value}/{second.value}", "range")


_SHORT_MONTHS = re.compile(rf"({_SMALL})(?:月)?(?:-|~|至|到)({_SMALL})月(?!\d)(?:份)?")
_SHORT_YEARS = re.compile(r"((?:19|20)\d\d)[ ]?(?:-|~|至|到)[ ]?((?:19|20)?\d\d)(?:财年|年)")
_SHORT_DAYS = re.compile(rf"({_SMALL})月({_SMALL})(?:日|号)?(?:-|~|至|到)({_SMALL})[日号]")


def _short_range(plain: str, start: int, anchor: Anchor) -> Dated | None:
    """1—8月, 2024至2026年, 12月8至10日, each with the year before it, if any."""
    if match := _SHORT_YEARS.match(plain, start):
        first, last = match[1], match[2]
        last = last if len(last) == 4 else first[:2] + last
        return Dated(start, match.end(), f"{first}/{last}", "range") if first < last else None
    at, year, given = start, None, False
    if head := _YEAR.match(plain, start):
        if head["two"]:
            return None
        at, year, given = head.end(), _year(head, anchor), True
    if match := _SHORT_DAYS.match(plain, at):
        month, first_day, last_day = (_small(match[i]) for i in (1, 2, 3))
        year = year if given else _undated_year(month, anchor)
        if 1 <= month <= 12 and 1 <= first_day < last_day <= 31 and year:
            stem = f"{year:04d}-{month:02d}"
            return Dated(start, match.end(), f"{stem}-{first_day:02d}/{stem}-{last_day:02d}", "range")
    if match := _SHORT_MONTHS.match(plain, at):
        first_month, last_month = _small(match[1]), _small(match[2])
        if plain[match.end() : match.end() + 1] in "0123456789" and _DAY.match(plain, match.end()):
            return None
        if 1 <= first_month < last_month <= 12:
            year = year if given else _undated_year(last_month, anchor)
            value = _within(year, "") and f"{year:04d}-{first_month:02d}/{year:04d}-{last_month:02d}"
            return Dated(start, match.end(), value, "range")
    return None


def _iso(plain: str, start: int) -> Dated | None:
    match = _ISO.match(plain, start)
    if match and 1 <= int(match[3]) <= 12 and 1 <= int(match[4]) <= 31:
        return Dated(start, match.end(), f"{match[1]}-{int(match[3]):02d}-{int(match[4]):02d}")
    return None


def date_at(plain: str, start: int, anchor: Anchor) -> Dated | None:
    """The date that begins at ``start`` of folded text, without bound words, or None.

    >>> from datetime import date
    >>> date_at("去年12月8日", 0, Anchor(date(2026, 1, 5))).value
    '2025-12-08'
    >>> date_at("12个月", 0, Anchor(date(2026, 1, 5))) is None
    True
    """
    found = (
        _iso(plain, start)
        or _short_range(plain, start, anchor)
        or _with_year(plain, start, anchor)
        or _in_year(plain, start, start, None, anchor, False)
        or _relative(plain, start, anchor)
        or _era(plain, start, anchor)
        or _day_alone(plain, start, anchor)
    )
    if found is None:
        return None
    if found.value and len(found.value) == 10 and (named := _NAMED_DAY.match(plain, found.end)):
        same = date.fromisoformat(found.value).weekday() == _WEEKDAYS[named[1]]
        return found._replace(end=named.end()) if same else found
    return (found.bound != "range" and _range_tail(plain, found, anchor)) or found


def ago(plain: str, end: int, value: str, anchor: Anchor) -> Dated | None:
    """两年前, 11天前 as the date that they point to; ``value`` is the duration that ends at ``end``."""
    match, now = _AGO.match(plain, end), anchor.published
    if not match or now is None:
        return None
    amount = value[1:-1]
    if not amount.isdigit() or int(amount) > 3000:
        return None
    by, unit = int(amount), value[-1]
    if unit == "Y" and by < now.year:
        return Dated(end, match.end(), str(now.year - by))
    if unit == "M" and value[:2] != "PT":
        year, month = _shift_month(now, -by)
        return Dated(end, match.end(), f"{year:04d}-{month:02d}") if year > 0 else None
    if unit == "D":
        return Dated(end, match.end(), (now - timedelta(by)).isoformat())
    return None
