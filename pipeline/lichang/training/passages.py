"""Training text: labelled units in the encoder's view, in passages, varied from epoch to epoch.

What is varied is what must not matter: names within their role, where a window starts, which neighbours stand
beside a unit, whether the title is known, how much one sentence holds.
"""

import random
import re
from collections.abc import Iterable, Sequence

import msgspec

from lichang.corpus import GoldArticle, GoldUnit
from lichang.records import SECTIONS, Article, Unit
from lichang.tagging.linear import HEADS, NEITHER
from lichang.tagging.view import view
from lichang.tagging.windows import CONTEXT_TYPE, OUTPUTS

IGNORE = -100  # no label: the loss passes over it
STILL_READ = 0.2  # share of known units that are read nevertheless, lest they be forgotten
Span = tuple[int, int, str]  # start, end, "holder" or "cue"


class Labelled(msgspec.Struct, frozen=True):
    """A unit to learn from."""

    text: str
    type: int  # index into SECTIONS
    labels: tuple[int, ...]  # one per head of OUTPUTS, IGNORE where there is none
    spans: tuple[Span, ...] = ()
    tagged: bool = True  # whether `spans` says all
    known: bool = False  # whether the encoder that training starts from is hardly wrong about it


class Passage(msgspec.Struct, frozen=True):
    """Units that stand together."""

    title: str
    units: tuple[Labelled, ...]
    title_type: int = CONTEXT_TYPE  # TARGET_TYPE where a target stands in the title's place


def passages_of(gold: GoldArticle) -> list[Passage]:
    """The passages of an annotated article: one, or one a paragraph where paragraphs are unconnected groups."""
    if gold.genre != "contrast":
        return [
            Passage(view(gold.article.title or "").text, tuple(label(gold.article, u) for u in gold.units))
        ]
    groups: dict[int, list[Labelled]] = {}
    for unit in gold.units:
        groups.setdefault(gold.article.text.count("\n", 0, unit.unit.start), []).append(
            label(gold.article, unit)
        )
    return [Passage("", tuple(units)) for units in groups.values()]


def label(article: Article, gold: GoldUnit) -> Labelled:
    """The unit as the encoder is to read it."""
    text = view(article.text[gold.unit.start : gold.unit.end]).text
    wanted = {"camp": gold.unit.camp, "attitude": gold.unit.attitude, "kind": gold.kind, "quote": gold.quote}
    labels = tuple(
        HEADS[head].index(value) if (value := wanted[head]) is not None else IGNORE for head in HEADS
    )
    if gold.kind == "none":
        labels = (*labels[:3], IGNORE)
    labels = (*labels, IGNORE)
    spans = _spans(text, view(gold.holder or "").text, view(gold.cue or "").text)
    return Labelled(text, SECTIONS.index(gold.unit.section), labels, spans)


def _spans(text: str, holder: str, cue: str) -> tuple[Span, ...]:
    """Where holder and cue stand; of several places of the holder, the one nearest to the cue."""
    cues = [(at, at + len(part)) for part in re.split("…+", cue) if part and (at := text.find(part)) >= 0]
    spans: list[Span] = [(start, end, "cue") for start, end in cues]
    places = [match.start() for match in re.finditer(re.escape(holder), text)] if holder else []
    if places:
        near = min(places, key=lambda at: abs(at - cues[0][0])) if cues else places[0]
        spans.append((near, near + len(holder), "holder"))
    return tuple(sorted(spans))


def irrelevant(article: Article, units: Iterable[Unit]) -> Passage:
    """An article known to carry no camp; nothing else is known of its units."""
    nothing = (NEITHER, *[IGNORE] * (len(OUTPUTS) - 1))
    text = article.text
    return Passage(
        view(article.title or "").text,
        tuple(
            Labelled(view(text[u.start : u.end]).text, SECTIONS.index(u.section), nothing, (), False)
            for u in units
        ),
    )


# Names that may stand for one another: whoever it is, the reasoning is the same.
ROLES: tuple[tuple[str, ...], ...] = (
    ("英伟达", "AMD", "英特尔", "高通", "博通", "美光", "迈威尔", "赛灵思", "Cerebras", "泛林", "应用材料"),
    (
        "华为",
        "寒武纪",
        "摩尔线程",
        "海光",
        "中芯国际",
        "壁仞",
        "燧原",
        "沐曦",
        "长鑫",
        "中兴",
        "小米",
        "龙芯",
    ),
    ("阿里", "百度", "腾讯", "字节跳动", "科大讯飞", "商汤", "DeepSeek", "月之暗面", "智谱"),
    ("微软", "谷歌", "亚马逊", "Meta", "甲骨文", "OpenAI", "Anthropic", "xAI", "CoreWeave"),
    (
        "H20",
        "H200",
        "H100",
        "H800",
        "A100",
        "A800",
        "B200",
        "B30A",
        "B40",
        "GB300",
        "MI308",
        "MI325X",
        "Gaudi3",
    ),
    ("CUDA", "ROCm", "oneAPI", "TensorRT", "Triton"),
    ("特朗普", "拜登", "奥巴马", "哈里斯"),
    ("卢特尼克", "雷蒙多", "贝森特", "沙利文", "鲁比奥", "萨克斯", "克拉奇"),
    ("黄仁勋", "苏姿丰", "陈立武", "基辛格", "阿蒙", "任正非", "张忠谋"),
    ("CSIS", "CSET", "兰德公司", "布鲁金斯学会", "CNAS", "外交关系委员会", "哈德逊研究所", "大西洋理事会"),
    ("路透社", "彭博社", "华尔街日报", "金融时报", "纽约时报", "日经亚洲", "华盛顿邮报", "法新社"),
    ("荷兰", "日本", "韩国", "德国", "马来西亚", "新加坡", "阿联酋", "沙特", "越南"),
)
# Another pair of rivals altogether, so that the reasoning is learnt and not who is said to hold it.
RIVALS = (("美国", "中国"), ("美国", "俄罗斯"), ("欧盟", "中国"), ("日本", "印度"), ("英国", "伊朗"))


def renaming(rng: random.Random) -> dict[str, str]:
    """Another name for names, chosen within their roles; empty for three passages in five."""
    if rng.random() < 0.6:
        return {}
    names: dict[str, str] = {}
    for role in ROLES:
        if rng.random() < 0.5:
            names |= zip(role, rng.sample(role, len(role)), strict=True)
    if rng.random() < 0.15:
        names |= zip(("美国", "中国"), rng.choice(RIVALS), strict=True)
    return names


def rename(unit: Labelled, names: dict[str, str]) -> Labelled:
    """The unit with its names replaced, spans moved along; a name never matches inside a longer number or word.

    >>> unit = Labelled("AMD说H20不够，H200也不够", 3, (0, 0, 0, 0), ((0, 3, "holder"), (3, 4, "cue")))
    >>> renamed = rename(unit, {"AMD": "英特尔公司", "H20": "A100"})
    >>> renamed.text, renamed.spans
    ('英特尔公司说A100不够，H200也不够', ((0, 5, 'holder'), (5, 6, 'cue')))
    """
    if not names:
        return unit
    pattern = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    parts, shifts, done, moved = [], [(0, 0)], 0, 0
    for match in re.finditer(rf"(?<![A-Za-z0-9])(?:{pattern})(?![0-9])", unit.text):
        new = names[match.group()]
        parts += [unit.text[done : match.start()], new]
        done = match.end()
        moved += len(new) - len(match.group())
        shifts.append((done, moved))
    parts.append(unit.text[done:])

    def shift(at: int) -> int:
        return at + next(by for place, by in reversed(shifts) if place <= at)

    spans = tuple((shift(start), shift(end), kind) for start, end, kind in unit.spans)
    return msgspec.structs.replace(unit, text="".join(parts), spans=spans)


def focus(passage: Passage, rng: random.Random) -> Passage:
    """The passage without most of what is known: the rest stands side by side, as the cascade reads doubtful units."""
    units = tuple(unit for unit in passage.units if not unit.known or rng.random() < STILL_READ)
    return msgspec.structs.replace(passage, units=units)


def vary(passage: Passage, rng: random.Random) -> Passage:
    """The passage with other names, without some of its units, some of them run together, maybe untitled."""
    names = renaming(rng)
    units = [rename(unit, names) for unit in passage.units if rng.random() > 0.06] or list(passage.units)
    title = rename(Labelled(passage.title, 0, ()), names).text if rng.random() < 0.7 else ""
    return msgspec.structs.replace(passage, title=title, units=tuple(_run_together(units, rng)))


def _run_together(units: Sequence[Labelled], rng: random.Random) -> list[Labelled]:
    """Now and then two sentences as one: a long sentence carries the logic in a clause."""
    result = list(units[:1])
    for unit in units[1:]:
        before = result[-1]
        if rng.random() < 0.08 and (joined := _join(before, unit)):
            result[-1] = joined
        else:
            result.append(unit)
    return result


def _join(first: Labelled, second: Labelled) -> Labelled | None:
    """Both as one sentence, or None where they are no two sentences or hold different camps."""
    camps = {first.labels[0], second.labels[0]} - {NEITHER}
    if not first.text.endswith("。") or "”" in first.text + second.text or len(camps) > 1:
        return None
    if first.type != second.type:
        return None
    source = first if first.labels[0] != NEITHER else second
    labels = (*source.labels[:2], *[IGNORE] * (len(OUTPUTS) - 2))
    return Labelled(first.text[:-1] + "，" + second.text, first.type, labels, (), False)
