"""Which way a figure has moved, and from what: 同比增长12%, 从95%降到0%, 是H20的6倍."""

import re

from lichang.figures.reading import Reading
from lichang.records import Change

_REACH = 40  # characters of the clause before a figure
_CLAUSE = re.compile("[，,。！？；;：:\n]")
_UP = (
    "增长|增加|增持|上涨|上升|上行|上调|上浮|提高|提升|提价|扩大|攀升|飙升|猛增|激增|大增"
    "|高出|多出|超出|涨价|增|升|涨|多|贵|高|翻"
)
_DOWN = (
    "减少|减持|下降|下跌|下滑|下调|下行|降低|降价|回落|缩水|缩减|缩小|收窄|滑落|跌破|重挫|暴跌"
    "|减|跌|降|少|缩|低"
)
_TO = "(?:了|到|至|为|成|近|约|逾|超|超过|不足|不到|过|得|掉)*$"
_BEFORE = re.compile(f"(?:(?P<up>{_UP})|(?P<down>{_DOWN}))(?:幅度?|速度?)?{_TO}")
_BEHIND = re.compile("的?(?:(?P<up>增幅|涨幅|增长|增速)|(?P<down>降幅|跌幅|下降|下滑))")
_PERIODS = re.compile("(同比|环比|按年|按季|按月|年增|年减|季增|季减)[^，。；]{0,12}$")
_AGAINST = re.compile(
    f"(?:(?<![同环占])比|较)(?P<base>[^，。；比较]{{1,16}}?)(?:还|又|再|都|要)?(?:(?:{_UP}|{_DOWN}){_TO}|$)"
)
_TIMES = re.compile("(?:是|为|相当于|达到?|高达)(?P<base>[^，。；是]{1,20}?)的$")
_KINDS = frozenset(("money", "percent", "multiple", "count", "quantity"))
_ABSOLUTE = frozenset(
    ("至少", "最多", "最少", "最高", "最低", "更多", "更高", "更低", "很多", "许多", "不少")
)


def change_of(plain: str, reading: Reading) -> Change | None:
    """``up`` or ``down`` where the words beside a figure say that it rose, fell, or came to it by either.

    >>> change_of("同比增长12%", Reading(4, 7, "percent")), change_of("占比达12%", Reading(3, 6, "percent"))
    ('up', None)
    """
    if reading.kind not in _KINDS:
        return None
    if plain.startswith("翻", reading.start):
        return "up"
    if plain.startswith("腰斩", reading.start):
        return "down"
    match = _BEFORE.search(plain, _clause(plain, reading.start), reading.start)
    if match and plain[max(0, match.start() - 1) : match.start() + 1] in _ABSOLUTE:
        match = None
    match = match or _BEHIND.match(plain, reading.end)
    if not match:
        return None
    return "up" if match["up"] else "down"


def base_of(text: str, plain: str, reading: Reading, previous: Reading | None) -> str | None:
    """What a figure is compared with, as printed: 同比, H20, or the 95% of 从95%降到0%; None if nothing is."""
    if reading.kind not in _KINDS:
        return None
    if previous and previous.kind == reading.kind and _moved_from(plain, previous, reading):
        return text[previous.start : previous.end]
    start = _clause(plain, reading.start)
    for pattern in (_AGAINST, _TIMES) if reading.kind != "money" else (_AGAINST,):
        if match := pattern.search(plain, start, reading.start):
            return text[match.start("base") : match.end("base")]
    if match := _PERIODS.search(plain, start, reading.start):
        return text[match.start(1) : match.end(1)]
    return None


def _moved_from(plain: str, first: Reading, second: Reading) -> bool:
    """Whether two figures are the ends of one change: 从95%降到0%."""
    if plain[max(0, first.start - 1) : first.start] not in ("从", "由") or second.start - first.end > 12:
        return False
    between = plain[first.end : second.start]
    return not _CLAUSE.search(between) and bool(re.search(f"(?:{_UP}|{_DOWN}|变|改|[到至为])", between))


def _clause(plain: str, end: int) -> int:
    """Where the clause that ends at ``end`` begins, at most ``_REACH`` characters before it."""
    low = max(0, end - _REACH)
    last = max((plain.rfind(sign, low, end) for sign in "，,。！？；;：:\n"), default=-1)
    return max(low, last + 1)
