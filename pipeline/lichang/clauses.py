"""Where a sentence passes to another camp or another speaker.

The guideline cuts a sentence at ； or a comma where the two parts belong to different camps or speakers.
At a comma the cuts are those that grammar gives away; measured on the training articles each rule is right
more often than not (docs/segmenters.md). At ； grammar does not tell, so `clauses` cuts wherever the two parts
may differ, and once a tagger has read them `rejoin` puts together what carries the same camp.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile

from lichang.script import simplify
from lichang.sentences import enclosed

_SAYS = (
    "(?:认为|称|说|表示|指出|警告|回应|坚称|反驳|强调|批评|主张|担心|估计|预计|测算|提示|提醒|否认|透露|补充|写道|质疑|痛批|惊呼"
    "|反问|追问|宣布|判断|相信|坚持|反映|解释|直言)"
)
_BREAK = re.compile("[；;，,]")
_OTHER = re.compile("(?:而|但|可)?另一(方面|边|派|种|头|拨|端|路|类|批|方|位)")
_OTHER_SPEAKER = re.compile(
    rf"(?:但|而|可)?[^，。；：、“”]{{2,18}}?(?<![规原守法准细])[则却][^，。；：“”]{{0,6}}?{_SAYS}"
)
_SPEAKER = re.compile(rf"[^，。；：的他她它“”]{{2,14}}?{_SAYS}[，：,:]")
_SOURCE = re.compile(rf"(?:据|根据)[^，。；]{{2,30}}(?:{_SAYS}|统计|估算|报道|介绍|预测)[,，]")
_CONCEDES = re.compile("(?:承认|同意|不否认)[^。；;]*\\Z")
_WINDOW = 200
_SHORT = 4  # a clause of so few characters is no assertion of its own
_BUT = re.compile("(?:但|可)(?![以能见])")


def clauses(sentence: str) -> list[tuple[int, int]]:
    """Spans of the parts of a sentence that another camp or speaker takes over; mostly one, the whole.

    >>> for text in ("甲方表示欢迎，乙公司则称不会买。", "“先卖旧的，乙公司则称不会买。”"):
    ...     print([text[start:end] for start, end in clauses(text)])
    ['甲方表示欢迎，', '乙公司则称不会买。']
    ['“先卖旧的，乙公司则称不会买。”']
    """
    edges = [0, *_cuts(simplify(sentence)), len(sentence)]
    return list(pairwise(edges))


def rejoin(text: str, spans: Sequence[tuple[int, int]], labels: Sequence[object]) -> list[range]:
    """Which neighbouring spans are one unit after all: parted at ；, with equal labels and one speaker.

    One range of indices a unit, in order; together they are all of ``spans``.

    >>> text = "买卡的排队；卖卡的数钱。"
    >>> rejoin(text, [(0, 6), (6, 12)], ["neither", "neither"]), rejoin(text, [(0, 6), (6, 12)], ["a", "b"])
    ([range(0, 2)], [range(0, 1), range(1, 2)])
    """
    plain = simplify(text)
    units: list[range] = []
    for index, (start, end) in enumerate(spans):
        if units and labels[index] == labels[index - 1] and _continues(plain, spans[index - 1], start, end):
            units[-1] = range(units[-1].start, index + 1)
        else:
            units.append(range(index, index + 1))
    return units


def _continues(plain: str, before: tuple[int, int], start: int, end: int) -> bool:
    left, right = plain[before[0] : before[1]][-_WINDOW:], plain[start:end][:_WINDOW]
    return before[1] == start and left[-1] in "；;" and not (_passes_on(left, right) or _answers(left, right))


def _cuts(sentence: str) -> Iterator[int]:
    breaks = [match for match in _BREAK.finditer(sentence) if match.end() < len(sentence)]
    if not breaks:
        return
    inside = enclosed(sentence)
    start = previous = 0
    for match in breaks:
        end = match.end()
        if inside[match.start()]:
            continue
        long, previous = end - previous > _SHORT, end
        # A window, so that a line of nothing but commas takes linear time.
        left, right = sentence[max(start, end - _WINDOW) : end], sentence[end : end + _WINDOW]
        if long and len(right) > _SHORT and (match.group() in "；;" or _passes_on(left, right)):
            yield end
            start = end


def _passes_on(left: str, right: str) -> bool:
    """Does another camp or speaker take over, at a comma or ；?"""
    other = _OTHER.match(right)
    if other and f"一{other[1]}" in left:  # 一派…，另一派…
        return True
    if _OTHER_SPEAKER.match(right):
        return True
    if _BUT.match(right) and _CONCEDES.search(left):
        return True
    return len(left) > 15 and _SOURCE.match(right) is not None


def _answers(left: str, right: str) -> bool:
    """Does the part behind ； belong to somebody else?"""
    if right[0] in "“「" or _SPEAKER.match(right):
        return True
    # 在放行者的账本上，…；在限制者的账本上，…
    first, second = (re.split("[，,]", part)[0] for part in (re.split("[；;：:]", left[:-1])[-1], right))
    shared = _shared(first, second) + _shared(first[::-1], second[::-1])
    return 4 <= shared < min(len(first), len(second))


def _shared(first: str, second: str) -> int:
    """How many characters two strings have in common at their heads."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))
