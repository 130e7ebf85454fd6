"""Who is speaking, across sentences: each unit's holder is chosen among the people the article names.

The grammar proposes (the subject of a cue, whoever spoke last, the commenter, the interviewee, …) and
states as short strings how each candidate stands to the unit; a linear model learnt from the training
corpus weighs those strings, candidate against candidate. The writer is always a candidate.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from itertools import islice

import msgspec

from lichang.claims.attribution import Attribution, find_attributions
from lichang.claims.cues import KINDS
from lichang.claims.mentions import Mention, core, find_documents, find_names, subject
from lichang.claims.quotes import Quotation, find_quotations
from lichang.claims.turns import Turn, find_labels, find_turns
from lichang.records import Unit
from lichang.script import widen_signs

WRITER = ""  # the key of the writer among the candidates
FIRST_PERSON = re.compile(r"[我咱](?!国)|笔者|本报|本刊|本文")
_MOST_NAMES = 400  # of one article: a longer cast is a list, not a story
_RECENT = 200  # names looked back at for another form of a new one
_PART = re.compile(r"[·・‧•．]")
NUMBER = re.compile(r"\d")
# （CNAS）, （国会研究处）; no person's name in his own script: （Tim Culpan）
_ACRONYM = re.compile(
    r"[（(](?![A-Z][a-z]+(?:[ .]+[A-Z][a-z]+)+[）)])(?P<short>[A-Za-z][A-Za-z&\-. ]{1,14}|[\u4e00-\u9fff]{2,8})[）)]"
)


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """What the grammar sees in one article before anyone is chosen."""

    text: str  # simplified
    units: tuple[Unit, ...]
    quotations: tuple[Quotation, ...]
    attributions: tuple[tuple[Attribution, ...], ...]  # of each unit
    first: tuple[Mention | None, ...]  # the subject that opens each unit
    names: dict[str, Mention]  # every name, by its text, with the span that names it best
    spoken: Counter[str]  # how often each name is the subject of a cue
    owners: tuple[dict[str, str], ...]  # whose 报告, 备忘录 … was last named, up to each unit
    present: tuple[tuple[str, ...], ...]  # names that stand in each unit
    turns: tuple[Turn, ...]  # who holds the floor in a printed conversation or a comment
    quoted: tuple[str, ...]  # how each unit stands to quotation marks
    heads: tuple[bool, ...]  # the unit opens a line
    group: tuple[int, ...]  # the quotation that a unit continues or opens, -1 for none


def read_scene(text: str, units: Sequence[Unit]) -> Scene:
    """Everything the choice of holders looks at, from simplified text and its units."""
    text = widen_signs(text)
    quotations = find_quotations(text)
    spans = [(q.start, q.end) for q in quotations]
    starts = [q.start for q in quotations]
    heads = [unit.start == 0 or text[unit.start - 1] == "\n" for unit in units]
    labels = find_labels(text, units, heads)
    attributions, first, quoted, group = [], [], [], []
    for i, unit in enumerate(units):
        near = [
            s
            for s in spans[max(0, bisect_left(starts, unit.start) - 1) :][:12]
            if s[0] < unit.end and s[1] > unit.start
        ]
        how, which = _quoted(text, unit, near, starts)
        begin = labels[i].end() if i in labels else unit.start
        skip = [] if how in ("in", "whole") and unit.section != "title" else near
        cues = tuple(find_attributions(text, begin, unit.end, skip))
        attributions.append(cues)
        first.append(_opening(text, begin, unit, how, cues))
        quoted.append(how)
        group.append(which)
    names = _names(text, attributions, first)
    turns = find_turns(text, units, heads, labels, names)
    return Scene(
        text=text,
        units=tuple(units),
        quotations=tuple(quotations),
        attributions=tuple(attributions),
        first=tuple(first),
        names=names,
        spoken=_spoken(text, attributions, names),
        owners=_owners(text, units, attributions, first, names),
        present=_present(text, units, names),
        turns=turns,
        quoted=tuple(quoted),
        heads=tuple(heads),
        group=tuple(group),
    )


def _quoted(text: str, unit: Unit, near: list[tuple[int, int]], starts: list[int]) -> tuple[str, int]:
    """How a unit stands to quotation marks, and the quotation that it shares with its neighbours."""
    inside = sum(min(end, unit.end) - max(start, unit.start) for start, end in near)
    share = inside / max(1, len(text[unit.start : unit.end].strip()))
    if not near:
        return "no", -1
    runs_in = near[0][0] < unit.start
    runs_on = near[-1][1] > unit.end
    which = (
        bisect_left(starts, near[0][0]) if runs_in else bisect_left(starts, near[-1][0]) if runs_on else -1
    )
    if runs_in and share > 0.95:
        return "in", which
    if share > 0.9:
        return "opens" if runs_on else "whole", which
    if runs_in:
        return "closes", which
    if runs_on:
        return "starts", which
    return ("half" if share > 0.4 else "part" if share > 0.2 else "word"), which


def _opening(text: str, begin: int, unit: Unit, how: str, cues: tuple[Attribution, ...]) -> Mention | None:
    """The subject of a unit's first clause; none where the unit opens inside a quotation."""
    if how in ("in", "opens", "whole"):
        return None
    limit = min(unit.end, begin + 80)
    if cues and cues[0].kind in KINDS:
        limit = min(limit, cues[0].start)
    return subject(text, begin, limit)


def _names(
    text: str, attributions: list[tuple[Attribution, ...]], first: list[Mention | None]
) -> dict[str, Mention]:
    """Every name that the grammar found, with the first span of its fullest form."""
    names: dict[str, Mention] = {}
    for mention in find_names(text)[:_MOST_NAMES]:
        name = text[mention.start : mention.end]
        names.setdefault(name, mention)
        for part in _PART.split(name):
            names.setdefault(part, names[name])
    mentions = [a.subject for found in attributions for a in found if a.subject]
    mentions += [m for m in first if m and m.shape in ("name", "person", "org", "surnamed", "short")]
    for mention in sorted(mentions, key=lambda m: m.start):
        if mention.shape in ("pronoun", "self") or len(names) >= 2 * _MOST_NAMES:
            continue
        key = core(text, mention)
        name = text[key.start : key.end]
        if name in names or not 1 < len(name) <= 40:
            continue
        if key.shape in ("phrase", "surnamed", "short") and (known := _opening_name(name, names)):
            names[name] = names[known]
            continue
        if acronym := _ACRONYM.match(text, key.end) or _ACRONYM.search(text, key.start, key.end):
            # 新美国安全中心（CNAS）: the short name stands for both
            key = Mention(acronym.start("short"), acronym.end("short"), "org")
            names.setdefault(acronym["short"], key)
        names[name] = _merge(name, key, names)
    return names


def _opening_name(phrase: str, names: dict[str, Mention]) -> str | None:
    """The known name that a phrase opens with, where the rest is no title of it: 科瓦奇追了一条 → 科瓦奇."""
    for length in range(min(12, len(phrase) - 1), 1, -1):
        known = names.get(phrase[:length])
        if known and known.shape in ("name", "org") and phrase[length] not in "的方":
            return phrase[:length]
    return None


def _merge(name: str, mention: Mention, names: dict[str, Mention]) -> Mention:
    """The span of a name already known by a longer or shorter form, else the mention itself."""
    if mention.shape in ("document", "generic"):
        return mention
    for known, span in islice(reversed(names.items()), _RECENT):
        if span.shape not in ("document", "generic") and (name.endswith(known) or known.endswith(name)):
            return span
    return mention


def _spoken(
    text: str, attributions: list[tuple[Attribution, ...]], names: dict[str, Mention]
) -> Counter[str]:
    subjects = (
        core(text, a.subject) for found in attributions for a in found if a.subject and a.kind != "noun"
    )
    spans = (names.get(text[m.start : m.end]) for m in subjects)
    return Counter(text[span.start : span.end] for span in spans if span)


def _owners(
    text: str,
    units: Sequence[Unit],
    attributions: list[tuple[Attribution, ...]],
    first: list[Mention | None],
    names: dict[str, Mention],
) -> tuple[dict[str, str], ...]:
    """For each unit, the owner of each kind of document named before it: 备忘录 → CNAS."""
    owners: dict[str, str] = {}
    rows: list[dict[str, str]] = []
    for i, unit in enumerate(units):
        rows.append(owners)
        subjects = [a.subject for a in attributions[i] if a.subject]
        opening = first[i]
        for mention in ([opening] if opening else []) + subjects:
            span = names.get(text[(key := core(text, mention)).start : key.end])
            if span is None or span.shape in ("document", "generic"):
                continue
            # 兰德公司发布一份报告: in the sentence of which its maker is the subject
            reach = unit.end if mention is opening else mention.end
            for document in find_documents(text, mention.start, reach):
                owners = owners | {document: text[span.start : span.end]}
    return tuple(rows)


def _present(text: str, units: Sequence[Unit], names: dict[str, Mention]) -> tuple[tuple[str, ...], ...]:
    """The names that stand in each unit, in reading order."""
    found: list[list[tuple[int, str]]] = [[] for _ in units]
    ends = [unit.end for unit in units]
    for name, mention in names.items():
        if mention.shape in ("document", "generic") or len(name) < 2:
            continue
        at = text.find(name)
        while at >= 0:
            where = bisect_left(ends, at + len(name))
            if where < len(units):
                found[where].append((at, name))
            at = text.find(name, at + len(name))
    return tuple(tuple(dict.fromkeys(name for _, name in sorted(row))) for row in found)


def resolve(scene: Scene, mention: Mention) -> str | None:
    """The fullest name of the one whom a mention names; None for a pronoun or no name."""
    if mention.shape in ("pronoun", "self"):
        return None
    key = core(scene.text, mention)
    span = scene.names.get(scene.text[key.start : key.end])
    return scene.text[span.start : span.end] if span else None
