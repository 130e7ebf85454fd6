"""Where the sentences of a line end, quotation marks and brackets considered."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from lichang.script import simplify

_STOPS = re.compile(r"[。！？｡!?….]+")
_OPENERS = {
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
    '"': '"',
}
_MARKS = re.compile(r"[“”‘’「」『』（）()【】《》〈〉\[\]\"]")
QUOTATION_ENDS = '”’」』"'
_CLOSERS = QUOTATION_ENDS + "）)】》〉]"
_GOES_ON = "，,、；;：:—–-～~·的之"  # behind a stop and its closing marks, these carry the sentence on
_BEGINS = re.compile("之(?:后|前|所以|外)")  # … but behind a bare stop, this begins another one

# A heading at the head of its paragraph; a single blank beside Latin letters or digits ends none.
_HEADING = re.compile(
    r"【[^【】]{1,30}】|(?:[一二三四五六七八九十]{1,3}[、.．]|[▍■●◆])[^，。：；？！\s]{1,24}"
    r"(?:(?=[\u3000\t]|\s\s)|(?<![A-Za-z0-9])(?=\s(?![A-Za-z0-9])))"
)
# “……”他说。 and “……”他说，“……” are one sentence; “……”他说，税要涨了。 is two.
_TAIL = re.compile(
    r"(?![没无不])[^。！？!?；;：:，,“”「」『』]{0,30}?(?:[说道称问答喊叹]|表示|回应|解释|补充|指出|强调|抱怨|感慨|形容|坦言|直言)"
    r"(?:着[^。，“”「」]{1,15})?(?:。|[，,：:]\s?[“「『\"])"
)
# Blanks, emoji, [狗头] and [1] go with the sentence before them.
_FACES = re.compile(r"(?:\s|[\U0001F000-\U0001FAFF]|\[\w{1,6}\])*")
_SPEECH = "说道称问答喊曰"
_ASIDE = 80  # a title or an aside in brackets is no longer than this; a longer one lost its closing mark
_MENTION = 24  # the same for words in quotation marks within a sentence: 面对“卖不卖？”的争论


def sentences(line: str) -> list[tuple[int, int]]:
    """Spans of the sentences of one line, with their closing marks and the blanks behind them.

    A quotation of several sentences is split; stops inside titles, asides and short mentions end nothing.

    >>> line = "他说：“涨了3.5%。还会涨！”《卖不卖？》一文……没有说。"
    >>> [line[start:end] for start, end in sentences(line)]
    ['他说：“涨了3.5%。', '还会涨！”', '《卖不卖？》一文……没有说。']
    """
    spans: list[tuple[int, int]] = []
    start = seen = 0
    for end in (*_ends(simplify(line)), len(line)):
        shows = any(map(str.isalnum, line[seen:end]))
        seen = end
        if not shows and spans:  # signs alone, such as 👍, belong to the sentence before them
            spans[-1] = (spans[-1][0], end)
        elif shows or end == len(line):
            spans.append((start, end))
        else:
            continue
        start = end
    return spans


def opened(text: str) -> dict[int, int]:
    """Where each closing mark, quotation mark or bracket, was opened; marks without a partner are left out.

    >>> opened("“甲（乙”）")
    {4: 0, 5: 2}
    """
    pairs: dict[int, int] = {}
    waiting: dict[str, list[int]] = {mark: [] for mark in _OPENERS.values()}
    for match in _MARKS.finditer(text):
        at, mark = match.start(), match.group()
        opener = _OPENERS.get(mark)
        if opener and waiting[opener]:
            pairs[at] = waiting[opener].pop()
        elif mark in waiting:
            waiting[mark].append(at)
    return pairs


def enclosed(text: str) -> list[bool]:
    """For each character, whether it stands between marks; a mark without a partner reaches to the edge.

    >>> [character for character, inside in zip("甲”乙“丙", enclosed("甲”乙“丙")) if inside]
    ['甲', '“', '丙']
    """
    pairs = opened(text)
    starts = set(pairs.values())
    steps = [0] * (len(text) + 1)
    for match in _MARKS.finditer(text):
        at = match.start()
        if at in pairs:
            steps[at] -= 1
        elif at in starts or match.group() in _OPENERS.values():
            steps[at] += 1
        else:
            steps[0] += 1
            steps[at] -= 1
    return [depth > 0 for depth in accumulate(steps[:-1])]


def _ends(line: str) -> Iterator[int]:
    """Where sentences end inside the line, ascending."""
    pairs = opened(line)
    asides = _asides(line, pairs)
    starts = [start for start, _ in asides]
    floor = 0
    heading = _HEADING.match(line)
    if heading and heading.end() < len(line):
        floor = _skip_faces(line, heading.end())
        yield floor
    for stop in _STOPS.finditer(line):
        nearest = bisect_right(starts, stop.start()) - 1
        if stop.start() < floor or (nearest >= 0 and stop.end() <= asides[nearest][1]):
            continue
        end = _skip_closers(line, stop.end(), pairs)
        if not _is_end(line, stop, end):
            continue
        if line[end - 1] in QUOTATION_ENDS and _is_unattributed(line, pairs.get(end - 1)):
            tail = _TAIL.match(line, end)
            if tail and tail.group()[-1] != "。":
                continue
            end = _skip_closers(line, tail.end(), pairs) if tail else end
        floor = _skip_faces(line, end)
        if floor < len(line):
            yield floor


def _skip_closers(line: str, at: int, pairs: dict[int, int]) -> int:
    while at < len(line) and line[at] in _CLOSERS and (line[at] != '"' or at in pairs):
        at += 1
    return at


def _skip_faces(line: str, at: int) -> int:
    faces = _FACES.match(line, at)
    return faces.end() if faces else at


def _asides(line: str, pairs: dict[int, int]) -> list[tuple[int, int]]:
    """Spans within which a stop ends no sentence, ascending and disjoint."""
    asides: list[tuple[int, int]] = []
    for close, start in sorted(pairs.items(), key=lambda pair: pair[1]):
        if (not asides or start >= asides[-1][1]) and _is_aside(line, start, close):
            asides.append((start, close + 1))
    return asides


def _is_aside(line: str, start: int, close: int) -> bool:
    if line[close] in "》〉":
        return close - start <= _ASIDE
    if not start or line[start - 1] in "。！？!?：:，,；;、… ":
        return False
    if line[close] in "）)】]":
        return close - start <= _ASIDE
    named = line[start - 1] not in _SPEECH and line[close - 1] != "。"
    return named and close - start <= _MENTION and close + 1 < len(line)


def _is_end(line: str, stop: re.Match[str], end: int) -> bool:
    """Does a sentence end with this stop, whose closing marks reach to ``end``?"""
    marks = stop.group()
    before, after = line[stop.start() - 1 : stop.start()], line[end : end + 1]
    begins = end == stop.end() and _BEGINS.match(line, end)
    if _STOPS.match(after) or (after and after in _GOES_ON and not begins):
        return False
    if any(mark in marks for mark in "。！？｡"):
        return True
    if "!" in marks or "?" in marks:  # half-width, as in a URL: a?b=c
        return not (before.isascii() and before.isalnum() and after.isascii() and after.isalnum())
    if marks == ".":  # 3.5 and U.S. have one; a typist's 。 stands behind a Chinese character
        return before.isalpha() and not before.isascii() and not after.isascii()
    return end > stop.end()  # an ellipsis is a pause unless the quotation ends with it


def _is_unattributed(line: str, start: int | None) -> bool:
    """May who said it follow the quotation that starts here? Not when that stands before it."""
    return not start or line[start - 1] not in _SPEECH + "：:，,"
