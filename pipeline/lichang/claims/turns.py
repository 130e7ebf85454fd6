"""Who holds the floor: speakers' labels in a printed conversation, screen names before comments."""

import re
from collections import Counter
from collections.abc import Sequence

import msgspec

from lichang.claims.mentions import Mention, core, shape_of
from lichang.records import Unit

Names = dict[str, Mention]

_LABEL = re.compile(
    r"(?P<label>[^\s，。！？；：:、“”「」《》（）()]{1,24})(?:[（(][^）)\n]{0,24}[）)])?[：:](?![“「])(?=.)"
)
_ASKS = re.compile(r"问|提问者?|Q\d*|.*记者|主持人?|.*本[刊报台社]|编辑|听众|观众|网友提问")
_HOST = re.compile(r"主持人?")  # asks, but also says things of his own
_ANSWERS = re.compile(r"答|A\d*|回答|答复")
_NOT_A_SPEAKER = re.compile(
    r".*(?:事件|建议|提示|时间|地点|来源|作者|编译|编辑|整理|摘要|结论|背景|要点|观点|数据|一|二|三|四|五|注|按)$"
)
_GUEST = re.compile(
    r"(?:专访|对话|访谈|访问|采访|对谈|对撞)了?(?![：:／/｜|、\s]|整理|记者)(?P<name>[^，。：；！？\s“”「」（）()]{2,24})"
)
_INTRODUCED = re.compile(
    r"(?:受访(?:者|人|嘉宾)?|被访[者人]|口述[者人]?|讲述[者人]|嘉宾|答[问辩]人|答[者主])(?:网名)?[：:／/｜|\s]*"
    r"[“「]?(?P<name>[^，。：；！？“”「」（）()\n\u3000]{2,30})"
)
_LEAD_NAME = re.compile(
    r"^(?P<name>[\u4e00-\u9fff·A-Za-z]{2,12}?)(?:先生|女士|教授|博士|院士|议员)?(?=[，是在曾的]|今年|来自|掌管|负责|上[周月])",
    re.M,
)
_CREW = re.compile(
    r"(?:采访|访问|整理|撰?文|记者|采写|编译|主持|摄影|记录|编辑|翻?译)(?:整理|者|人)?\s*[：:／/｜|\s]\s*(?P<name>[\u4e00-\u9fff]{2,4})"
)
_EXPERT = re.compile(r"受访者|嘉宾|专家|分析师|工程师|律师|教授|主任|经理|老师")
# What comments are counted and marked with: 3楼, #3, B3, [3楼], 【00:03:12】, 3., @, 推 …
_COUNT = (
    r"(?:[\[【]\s*(?:\d+\s*[楼樓#Ff]|\d+(?:[:：]\d+)+)\s*[\]】]|\d+\s*[楼樓#Ff]|\d+[.、]|#\d+|B\d+(?=\s)|评论\d*(?=\s)"
    r"|@|[·•\-－—]|[推嘘→](?=\s))\s*"
)
_SCREEN_NAME = re.compile(
    rf"(?:{_COUNT})*(?:[\u4e00-\u9fff]{{2,4}}\s)?(?P<name>(?:[A-Za-z.]+\s)?[^\s：:，。！？“”「」（）()@]{{1,20}})\s*(?:[（(][^）)]{{0,20}}[）)])?\s*[：:]"
)


class Turn(msgspec.Struct, frozen=True):
    """Who has the floor at a unit; ``name`` is None for nobody, or for an interviewer who only asks."""

    name: str | None
    asks: bool = False


def find_labels(text: str, units: Sequence[Unit], heads: Sequence[bool]) -> dict[int, re.Match[str]]:
    """The units of a printed conversation that open with a speaker's label, by index; none in other prose.

    A conversation has four labels at least, one of them twice, and one on every third line.
    """
    body = [i for i, unit in enumerate(units) if unit.section == "body"]
    found = {
        i: match
        for i in body
        if (match := _LABEL.match(text, units[i].start, units[i].end))
        and not _NOT_A_SPEAKER.match(match["label"])
    }
    counts = Counter(_short(match["label"]) for match in found.values())
    # An answer may stand on the line of its question; a sentence that only looks labelled stands alone.
    found = {
        i: m
        for i, m in found.items()
        if heads[i] or (counts[_short(m["label"])] > 1 and len(m["label"]) <= 6)
    }
    lines = sum(heads[i] for i in body)
    if len(found) < 4 or sum(heads[i] for i in found) * 3 < lines or max(counts.values()) < 2:
        return {}
    return found


def find_turns(
    text: str, units: Sequence[Unit], heads: Sequence[bool], labels: dict[int, re.Match[str]], names: Names
) -> tuple[Turn, ...]:
    """Who holds the floor at each unit: a speaker from a label on, a commenter from a screen name on.

    Names that only a label or a comment gives are added to ``names``.
    """
    speakers = _speakers(text, units, labels, names)
    turns: list[Turn] = []
    turn = Turn(None)
    for i, unit in enumerate(units):
        if unit.section == "comment":
            turn = Turn(_commenter(text, units, i, heads, names, turn.name))
        elif unit.section != "body":
            turn = Turn(None)
        elif i in labels:
            turn = speakers[_short(labels[i]["label"])]
        turns.append(turn)
    return tuple(turns)


def _short(label: str) -> str:
    """The name in a label, without titles: 首席财务官林素惠 → 林素惠."""
    named = core(label, Mention(0, len(label), shape_of(label)))
    return label[named.start : named.end]


def _speakers(
    text: str, units: Sequence[Unit], labels: dict[int, re.Match[str]], names: Names
) -> dict[str, Turn]:
    rows: dict[str, list[int]] = {}
    for i, match in labels.items():
        rows.setdefault(_short(match["label"]), []).append(i)
    speakers: dict[str, Turn] = {}
    for label, turns in rows.items():
        asks = sum(text[units[i].start : units[i].end].rstrip("”」 ").endswith(("？", "?")) for i in turns)
        answers = _ANSWERS.fullmatch(label)
        before = text[: units[turns[0]].end]
        if _HOST.fullmatch(label):
            speakers[label] = Turn(_named(text, before, label, names), asks=True)
        elif _ASKS.fullmatch(label) or (asks * 2 > len(turns) and not answers):
            speakers[label] = Turn(None, asks=True)
        else:
            speakers[label] = Turn(_guest(before, names) if answers else _named(text, before, label, names))
    return speakers


def _named(text: str, before: str, label: str, names: Names) -> str:
    """The fullest name that a label stands for: 顾 → 顾承泽; else the label itself."""
    known = [
        name
        for name, m in names.items()
        if m.shape == "name"
        and name != label
        and (name.startswith(label) or name.endswith(label))
        and name in before
    ]
    best = max(known, key=lambda name: (before.count(name), len(name)), default=label)
    if best == label and len(label) == 1:
        forms = Counter(before[m.start() : m.start() + 3] for m in re.finditer(re.escape(label), before))
        best = max(forms, key=lambda form: forms[form])
    if best not in names:
        at = text.find(best)
        names[best] = Mention(at, at + len(best), "name")
    return best


def _guest(before: str, names: Names) -> str | None:
    """Whom the answers of an interview are by: the one announced, else the person whom the lead opens with, else the
    one named most before them; nobody of those who made it."""
    crew = {match["name"] for match in _CREW.finditer(before)}
    for pattern, longest in ((_INTRODUCED, 6), (_GUEST, 0), (_LEAD_NAME, 0)):
        for match in pattern.finditer(before):
            if name := _announced(before, match, names, crew, longest):
                return name
    people = [
        name
        for name, m in names.items()
        if m.shape in ("name", "surnamed") and name in before and not any(one in name for one in crew)
    ]
    if people:
        return max(people, key=lambda name: (before.count(name), len(name)))
    if expert := _EXPERT.search(before):
        names.setdefault(expert[0], Mention(expert.start(), expert.end(), "person"))
        return expert[0]
    return None


def _announced(before: str, match: re.Match[str], names: Names, crew: set[str], longest: int) -> str | None:
    """The person in a phrase that announces a guest; where none is known, the phrase itself without titles, if it has
    the form of a name or is no longer than `longest`."""
    phrase = match["name"]
    for name in sorted(names, key=len, reverse=True):
        if (
            len(name) > 1
            and name in phrase
            and names[name].shape in ("name", "surnamed")
            and name not in crew
        ):
            return name
    named = core(before, Mention(match.start("name"), match.end("name"), "phrase"))
    name = before[named.start : named.end].strip()
    is_name = "·" in name or shape_of(name) in ("name", "surnamed")
    if name in crew or not (is_name or 1 < len(name) <= longest):
        return None
    names.setdefault(name, named)
    return name


def _commenter(
    text: str, units: Sequence[Unit], i: int, heads: Sequence[bool], names: Names, floor: str | None
) -> str | None:
    """The screen name before a comment on its line, or on the line above; else whoever has the floor."""
    unit = units[i]
    match = _SCREEN_NAME.match(text, unit.start, unit.end)
    if match and (heads[i] or match["name"][0] not in "我你他她它这那"):
        names[match["name"]] = Mention(match.start("name"), match.end("name"), "screen")
        return match["name"]
    if not heads[i]:
        return floor
    above = units[i - 1] if i else None
    if above and above.section == "comment" and heads[i - 1] and above.end - above.start <= 20:
        name = text[above.start : above.end].strip().lstrip("@")
        start = text.find(name, above.start) if name else -1
        if name and name[-1] not in "。！？!?…":
            names[name] = Mention(start, start + len(name), "screen")
            return name
    return floor
