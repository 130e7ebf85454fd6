"""From text to units: sections, then sentences, then the clauses where camp or speaker changes."""

import re
from bisect import bisect_right
from collections.abc import Iterator

from lichang.records import Section, Unit
from lichang.sections import sections

_STOPS = re.compile(r"[。！？｡!?….]+")
_PAIRS = {
    "”": "“",
    "’": "‘",
    "」": "「",
    "』": "『",
    "）": "（",
    ")": "(",
    "】": "【",
    "》": "《",
    "〉": "〈",
    "]": "[",
}
_BRACKETS = re.compile(r"[“”‘’「」『』（）()【】《》〈〉\[\]\"]")
_QUOTATION_ENDS = '”’」』"'
_CLOSERS = _QUOTATION_ENDS + "）)】》〉]"
_GOES_ON = "，,、；;：:—–-～~·的之"  # behind a stop and its closing marks, these carry the sentence on

# “……”他说。 and “……”他说，“……” are one sentence; “……”他说，税要涨了。 is two.
_TAIL = re.compile(
    r"[^。！？!?；;：:，,“”「」『』\n]{0,30}?"
    r"(?:[说說道称稱问問答喊叹嘆]|表示|回应|回應|解释|解釋|补充|補充|指出|强调|強調|抱怨|感慨|形容|坦言|直言)"
    r"(?:[着著][^。，“”「」]{1,15})?(?:。|[，,：:]\s?[“「『\"])"
)
# A heading at the head of its paragraph.
_HEADING = re.compile(
    r"【[^【】]{1,30}】|(?:[一二三四五六七八九十]{1,3}[、.．]|[▍■●◆])[^，。：；？！\s]{1,24}(?=\s)"
)
_SPEECH = "说說道称稱问問答喊曰"
_ASIDE = 80  # a title or an aside in brackets is no longer than this; a longer one lost its closing mark
_MENTION = 24  # the same for words in quotation marks that are part of a sentence: 面对“卖不卖？”的争论


def segment(text: str, *, title: str | None = None) -> list[Unit]:
    """Units in order; they cover the text but for line ends and blanks around lines.

    >>> text = "卖不卖？“不卖。”他说。他又说，3.5折也不卖。"
    >>> [text[unit.start : unit.end] for unit in segment(text)]
    ['卖不卖？', '“不卖。”他说。', '他又说，3.5折也不卖。']
    """
    return [
        Unit(start=unit_start, end=unit_end, section=section)
        for start, end, section in sections(text, title=title)
        for unit_start, unit_end in _units(text[start:end], start, section)
    ]


def _units(line: str, offset: int, section: Section) -> Iterator[tuple[int, int]]:
    if section in ("body", "comment"):
        for start, end in sentences(line):
            yield offset + start, offset + end
    else:  # a title is one unit, whatever it asks: 卖不卖？两派各有说法
        yield offset, offset + len(line)


def sentences(line: str) -> Iterator[tuple[int, int]]:
    """Spans of the sentences of one line, with their closing marks and the blanks behind them.

    A quotation of several sentences is split; stops inside titles, asides and short mentions are not ends.

    >>> line = "他说：“涨了3.5%。还会涨！”《卖不卖？》一文……没有说。"
    >>> [line[start:end] for start, end in sentences(line)]
    ['他说：“涨了3.5%。', '还会涨！”', '《卖不卖？》一文……没有说。']
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for end in (*_ends(line), len(line)):
        shows = any(map(str.isalnum, line[start:end]))
        if not shows and spans:  # signs alone, such as 👍, belong to the sentence before them
            spans[-1] = (spans[-1][0], end)
        elif shows or end == len(line):
            spans.append((start, end))
        else:
            continue
        start = end
    yield from spans


def _ends(line: str) -> Iterator[int]:
    """Where sentences end inside the line, ascending."""
    opened = _opened(line)
    asides = _asides(line, opened)
    starts = [start for start, _ in asides]
    floor = 0
    if (heading := _HEADING.match(line)) and heading.end() < len(line):
        floor = heading.end() + len(line) - heading.end() - len(line[heading.end() :].lstrip())
        yield floor
    for stop in _STOPS.finditer(line):
        nearest = bisect_right(starts, stop.start()) - 1
        if stop.start() < floor or (nearest >= 0 and stop.end() <= asides[nearest][1]):
            continue
        end = stop.end()
        while end < len(line) and line[end] in _CLOSERS and (line[end] != '"' or end in opened):
            end += 1
        if not _is_end(line, stop, end):
            continue
        if line[end - 1] in _QUOTATION_ENDS and _is_answer(line, opened.get(end - 1)):
            tail = _TAIL.match(line, end)
            if tail and tail.group()[-1] == "。":
                end = tail.end()
            elif tail:
                continue
        while end < len(line) and line[end].isspace():
            end += 1
        if end < len(line):
            floor = end
            yield end


def _opened(line: str) -> dict[int, int]:
    """Where each closing mark that has an opening one was opened."""
    opened: dict[int, int] = {}
    waiting: dict[str, list[int]] = {mark: [] for mark in (*_PAIRS.values(), '"')}
    for match in _BRACKETS.finditer(line):
        at, mark = match.start(), match.group()
        opener = _PAIRS.get(mark, mark)
        if (mark in _PAIRS or mark == '"') and waiting[opener]:
            opened[at] = waiting[opener].pop()
        elif mark not in _PAIRS:
            waiting[mark].append(at)
    return opened


def _asides(line: str, opened: dict[int, int]) -> list[tuple[int, int]]:
    """Spans within which a stop ends no sentence, ascending and disjoint."""
    asides: list[tuple[int, int]] = []
    for close, start in sorted(opened.items(), key=lambda pair: pair[1]):
        inside = bool(start) and line[start - 1] not in "。！？!?：:，,；;、… "
        if line[close] in "》〉":
            kept = close - start <= _ASIDE
        elif line[close] in "）)】]":
            kept = inside and close - start <= _ASIDE
        else:
            named = inside and line[start - 1] not in _SPEECH and close - start <= _MENTION
            kept = named and line[close - 1] not in "。" and close + 1 < len(line)
        if kept and (not asides or start >= asides[-1][1]):
            asides.append((start, close + 1))
    return asides


def _is_end(line: str, stop: re.Match[str], end: int) -> bool:
    """Does a sentence end with this stop, whose closing marks reach to ``end``?"""
    marks = stop.group()
    before, after = line[stop.start() - 1 : stop.start()], line[end : end + 1]
    if after and (after in _GOES_ON or _STOPS.match(after)):
        return False
    if any(mark in marks for mark in "。！？｡"):
        return True
    if "!" in marks or "?" in marks:  # half-width, as in a URL or a name: a?b
        return not (
            before.isascii() and before.isalnum() and after.isascii() and (after.isalnum() or after in "=&")
        )
    if marks == ".":  # 3.5 and U.S. have one; a typist's 。 stands between Chinese characters
        return before.isalpha() and not before.isascii() and not after.isascii()
    return end > stop.end()  # an ellipsis is a pause unless the quotation ends with it


def _is_answer(line: str, opened: int | None) -> bool:
    """May the quotation be followed by who said it? Not when that stands before it."""
    return opened is None or not opened or line[opened - 1] not in "：:，,"
