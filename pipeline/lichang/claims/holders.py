"""Who is speaking, across sentences: each unit's holder is chosen among the people the article names.

The grammar proposes (the subject of a cue, whoever spoke last, the commenter, the interviewee, …) and
states as short strings how each candidate stands to the unit; a linear model learnt from the training
corpus weighs those strings, candidate against candidate. The writer is always a candidate.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

import msgspec

from lichang.claims.attribution import Attribution, find_attributions
from lichang.claims.cues import KINDS
from lichang.claims.mentions import NAME_DOTTED, Mention, core, subject
from lichang.claims.quotes import Quotation, find_quotations
from lichang.records import Unit

WRITER = ""  # the key of the writer among the candidates
_LABEL = re.compile(r"(?P<label>[^\s，。！？；：、“”「」《》]{1,12})[：:](?=\S)")
_ASKS = re.compile(r"问|Q|记者|主持|本刊|本报|编辑")
_ANSWERS = re.compile(r"答|A")
_SCREEN_NAME = re.compile(
    r"(?:\d+[楼#Ff]\s*|@|[·•\-－—]\s*)*(?P<name>[^\s：:，。！？“”「」（）()]{1,20})\s*(?:[（(][^）)]{0,20}[）)])?\s*[：:]"
)
FIRST_PERSON = re.compile(r"[我咱](?!国)|笔者|本报|本刊|本文")
_WORD_MARKS = re.compile(r"[“”「」‘’『』\s【】（）()#]+")
_PART = re.compile(r"[·・‧•．]")
NUMBER = re.compile(r"\d")
_ACRONYM = re.compile(r"[（(](?P<short>[A-Za-z][A-Za-z&\-. ]{1,14}|[\u4e00-\u9fff]{2,8})[）)]")


class Holder(msgspec.Struct, frozen=True):
    """Who holds a unit: the span that names them, the attribution that says so, and how it stands."""

    start: int
    end: int
    cue: Attribution | None


class Scene(msgspec.Struct, frozen=True):
    """What the grammar sees in one article before anyone is chosen."""

    text: str  # simplified
    units: tuple[Unit, ...]
    quotations: tuple[Quotation, ...]
    attributions: tuple[tuple[Attribution, ...], ...]  # of each unit
    first: tuple[Mention | None, ...]  # the subject that opens each unit
    names: dict[str, Mention]  # every name, by its text, with the span that names it best
    present: tuple[tuple[str, ...], ...]  # names that stand in each unit
    turns: tuple[str | None, ...]  # who holds the floor in a printed interview or a comment
    asks: tuple[bool, ...]  # the unit is an interviewer's
    quoted: tuple[str, ...]  # how each unit stands to quotation marks
    heads: tuple[bool, ...]  # the unit opens a line
    group: tuple[int, ...]  # the quotation that a unit continues or opens, -1 for none


def read_scene(text: str, units: Sequence[Unit]) -> Scene:
    """Everything the choice of holders looks at, from simplified text and its units."""
    quotations = find_quotations(text)
    spans = [(q.start, q.end) for q in quotations]
    starts = [q.start for q in quotations]
    heads = [unit.start == 0 or text[unit.start - 1] == "\n" for unit in units]
    labels = _labels(text, units, heads)
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
    turns, asks = _turns(text, units, heads, labels, names)
    return Scene(
        text, tuple(units), tuple(quotations), tuple(attributions), tuple(first), names,
        _present(text, units, names), turns, asks, tuple(quoted), tuple(heads), tuple(group),
    )  # fmt: skip


def _labels(text: str, units: Sequence[Unit], heads: Sequence[bool]) -> dict[int, re.Match[str]]:
    """The units of a printed conversation that open with a speaker's label, by their index."""
    found = {
        i: match
        for i, unit in enumerate(units)
        if heads[i] and unit.section == "body" and (match := _LABEL.match(text, unit.start, unit.end))
    }
    counts = Counter(match["label"] for match in found.values())
    often = {label: count for label, count in counts.items() if count >= 2}
    if len(often) < 2 or sum(often.values()) < 4:
        return {}
    return {i: match for i, match in found.items() if match["label"] in often}


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


def _key(text: str, mention: Mention) -> Mention:
    return core(text, mention) if mention.shape in ("name", "phrase", "person", "short", "org") else mention


def _names(
    text: str, attributions: list[tuple[Attribution, ...]], first: list[Mention | None]
) -> dict[str, Mention]:
    """Every name that the grammar found, with the first span of its fullest form."""
    full: dict[str, Mention] = {}
    for match in NAME_DOTTED.finditer(text):
        full.setdefault(match[0], Mention(match.start(), match.end(), "name"))
    mentions = [a.subject for found in attributions for a in found if a.subject]
    mentions += [m for m in first if m and m.shape in ("name", "person", "org", "short")]
    mentions.sort(key=lambda m: m.start)
    names = dict(full)
    for name, mention in full.items():
        for part in _PART.split(name):
            if len(part) >= 2:
                names.setdefault(part, mention)
    for mention in mentions:
        if mention.shape in ("pronoun", "self", "document"):
            continue
        key = _key(text, mention)
        name = text[key.start : key.end]
        if name in names or not 1 < len(name) <= 40:
            continue
        if acronym := _ACRONYM.match(text, key.end):
            names.setdefault(acronym["short"], key)
        names[name] = _merge(name, key, names)
    return names


def _merge(name: str, mention: Mention, names: dict[str, Mention]) -> Mention:
    """The span of a name already known by a longer or shorter form, else the mention itself."""
    for known, span in reversed(names.items()):
        if (
            len(known) >= 2
            and len(name) >= 2
            and (name.endswith(known) or known.endswith(name) or known.startswith(name))
        ):
            return span
    return mention


def _present(text: str, units: Sequence[Unit], names: dict[str, Mention]) -> tuple[tuple[str, ...], ...]:
    """The names that stand in each unit, longest first at one place, in reading order."""
    found: list[list[str]] = [[] for _ in units]
    if names:
        pattern = re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))))
        ends = [unit.end for unit in units]
        for match in pattern.finditer(text):
            at = bisect_left(ends, match.end())
            if at < len(units):
                found[at].append(match[0])
    return tuple(tuple(dict.fromkeys(row)) for row in found)


def _turns(
    text: str,
    units: Sequence[Unit],
    heads: Sequence[bool],
    labels: dict[int, re.Match[str]],
    names: dict[str, Mention],
) -> tuple[tuple[str | None, ...], tuple[bool, ...]]:
    """Who holds the floor at each unit: the interviewee from a label on, the commenter from a screen name on."""
    speakers = _speakers(text, units, labels, names)
    turns: list[str | None] = []
    asks: list[bool] = []
    floor: str | None = None
    asking = False
    for i, unit in enumerate(units):
        if unit.section == "comment":
            floor, asking = _commenter(text, units, i, heads, names, floor), False
        elif unit.section != "body":
            floor, asking = None, False
        elif i in labels:
            floor = speakers[labels[i]["label"]] or None
            asking = floor is None
        turns.append(floor)
        asks.append(asking)
    return tuple(turns), tuple(asks)


def _speakers(
    text: str, units: Sequence[Unit], labels: dict[int, re.Match[str]], names: dict[str, Mention]
) -> dict[str, str]:
    """Each label of a printed conversation with the name behind it, empty for the interviewer."""
    rows: dict[str, list[int]] = {}
    for i, match in labels.items():
        rows.setdefault(match["label"], []).append(i)
    speakers: dict[str, str] = {}
    for label, turns in rows.items():
        asks = sum(text[units[i].start : units[i].end].rstrip("”」 ").endswith(("？", "?")) for i in turns)
        if _ASKS.search(label) or (asks * 2 > len(turns) and not _ANSWERS.fullmatch(label)):
            speakers[label] = WRITER
        else:
            speakers[label] = _behind(text, label, turns, units, names)
    return speakers


def _behind(text: str, label: str, rows: list[int], units: Sequence[Unit], names: dict[str, Mention]) -> str:
    """The name that a speaker's label stands for: 答 → the person most named before the first answer."""
    before = text[: units[rows[0]].start]
    if label not in ("答", "A"):
        known = [name for name in names if name != label and (name.startswith(label) or label in name)]
        best = max(known, key=lambda name: (before.count(name), len(name)), default=label)
        if best == label or before.count(best) == 0:
            at = before.find(label)
            if at >= 0 and len(label) == 1:
                best = text[at : at + 3]
                at_most = [text[m.start() : m.start() + 3] for m in re.finditer(label, before)]
                best = max(at_most, key=at_most.count)
        where = text.find(best)
        if best not in names and where >= 0:
            names[best] = Mention(where, where + len(best), "name")
        return best
    people = [name for name in names if names[name].shape in ("name", "short", "person") and len(name) > 1]
    best = max(people, key=lambda name: (before.count(name), len(name)), default="")
    return best if best and best in before else _titled_guest(text, before, names)


_GUEST = re.compile(r"(?:专访|对话|访谈|访问|采访|对谈)[了：:]?\s*(?P<name>[^，。：；！？\s“”「」]{2,20})")


def _titled_guest(text: str, before: str, names: dict[str, Mention]) -> str:
    match = _GUEST.search(before)
    if not match:
        return WRITER
    named = core(text, Mention(match.start("name"), match.end("name"), "phrase"))
    name = text[named.start : named.end]
    names.setdefault(name, named)
    return name


def _commenter(
    text: str,
    units: Sequence[Unit],
    i: int,
    heads: Sequence[bool],
    names: dict[str, Mention],
    floor: str | None,
) -> str | None:
    """The screen name before a comment on its line, or on the line above; else whoever has the floor."""
    unit = units[i]
    if not heads[i]:
        return floor
    if match := _SCREEN_NAME.match(text, unit.start, unit.end):
        name = match["name"]
        names.setdefault(name, Mention(match.start("name"), match.end("name"), "screen"))
        return name
    above = units[i - 1] if i else None
    if above and above.section == "comment" and heads[i - 1] and above.end - above.start <= 20:
        name = text[above.start : above.end].strip().lstrip("@")
        if name and name[-1] not in "。！？!?…":
            names.setdefault(name, Mention(above.start, above.start + len(name), "screen"))
            return name
    return floor


def resolve(scene: Scene, mention: Mention) -> str | None:
    """The fullest name of the one whom a mention names; None for a pronoun, a document or no name."""
    if mention.shape in ("pronoun", "self", "document"):
        return None
    key = core(scene.text, mention) if mention.shape != "short" else mention
    span = scene.names.get(scene.text[key.start : key.end])
    return scene.text[span.start : span.end] if span else None
