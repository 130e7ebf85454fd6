"""What the encoder learns stances to any target from: pairs of text and target, and the camps' own articles asked about
the debate's questions.

A camp and an attitude say what their holder thinks of letting the chips go and of curbing them: whoever reasons
that sales keep China dependent is for sales and against a ban. Where they don't say (who rejects the reasoning may be
for either), there is no label.
"""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from lichang.errors import CorpusError
from lichang.records import CAMPS, STANCES
from lichang.tagging.linear import HEADS, NEITHER
from lichang.tagging.view import view
from lichang.tagging.windows import OUTPUTS, TARGET_TYPE
from lichang.training.passages import IGNORE, Labelled, Passage

BODY = 3  # index into SECTIONS
MOST_SIDES, MOST_OTHERS = 6, 2  # units of an article that are asked about a target: of a camp, of none

ACCESS = (
    "放宽对华芯片出口",
    "允许英伟达向中国出售H200",
    "向中国出口先进芯片",
    "美国对华出售人工智能芯片",
    "解除对华芯片禁令",
    "对华芯片销售",
    "恢复H20供应",
    "让中国买到美国芯片",
)
CURBS = (
    "对华芯片禁令",
    "收紧对华芯片出口管制",
    "封锁中国获得先进芯片",
    "芯片出口管制",
    "全面断供中国",
    "扩大实体清单",
    "全面遏制中国芯片产业",
    "堵住云算力和转口的漏洞",
)
HOOK = ("让中国依赖美国芯片", "用次级芯片拴住中国", "让中国开发者离不开CUDA", "对华芯片的上瘾策略")
ELSEWHERE = (
    "延迟退休",
    "转基因食品",
    "共享单车",
    "新能源汽车补贴",
    "取消英语必修",
    "春节调休",
    "房产税",
    "短视频平台",
    "网络游戏防沉迷",
    "养老金并轨",
    "无人驾驶出租车",
    "预制菜进校园",
)
# stance by (camp, attitude) to each kind of target; what is missing is neither, None has no label
OPINIONS: tuple[tuple[tuple[str, ...], dict[tuple[str, str], str | None]], ...] = (
    (
        ACCESS,
        {
            ("dependency", "for"): "favour",
            ("containment", "for"): "against",
            ("dependency", "against"): None,
            ("containment", "against"): None,
        },
    ),
    (
        CURBS,
        {
            ("dependency", "for"): "against",
            ("containment", "for"): "favour",
            ("dependency", "against"): None,
            ("containment", "against"): "against",
        },
    ),
    (
        HOOK,
        {("dependency", "for"): "favour", ("dependency", "against"): "against", ("containment", "for"): None},
    ),
    (ELSEWHERE, {}),
)


class Pair(msgspec.Struct, frozen=True):
    """A text and the stance that it takes to a target."""

    text: str
    target: str
    stance: str  # one of STANCES


def read_pairs(path: Path) -> list[Pair]:
    """The pairs of a file of JSON lines with text, target and stance; raises CorpusError."""
    try:
        pairs = [
            msgspec.json.decode(line, type=Pair) for line in path.read_bytes().splitlines() if line.strip()
        ]
    except (OSError, msgspec.MsgspecError) as error:
        raise CorpusError(f"{path} cannot be read as pairs (text, target, stance): {error}") from error
    for number, pair in enumerate(pairs, 1):
        if pair.stance not in STANCES:
            raise CorpusError(
                f"{path}, pair {number}: stance {pair.stance!r} is not one of {', '.join(STANCES)}"
            )
    return pairs


def passage_of(pair: Pair) -> Passage:
    """The pair as the encoder is to read it: one unit under its target."""
    return Passage(view(pair.target).text, (_ask(view(pair.text).text, BODY, pair.stance),), TARGET_TYPE)


def ask(units: Sequence[Labelled], rng: random.Random) -> Iterator[Passage]:
    """Some units of an article, most of them of a camp, under two of the debate's targets: what differs in the
    answers is due to the target alone."""
    sides = [i for i, unit in enumerate(units) if unit.labels[0] != NEITHER]
    others = [i for i, unit in enumerate(units) if unit.labels[0] == NEITHER]
    chosen = rng.sample(sides, min(MOST_SIDES, len(sides))) + rng.sample(
        others, min(MOST_OTHERS, len(others))
    )
    for targets, opinions in rng.sample(OPINIONS, 2):
        asked = []
        for unit in (units[i] for i in sorted(chosen)):
            camp, attitude = unit.labels[0], unit.labels[1]
            named = (CAMPS[camp], "" if attitude == IGNORE else HEADS["attitude"][attitude])
            asked.append(_ask(unit.text, unit.type, opinions.get(named, "neither")))
        yield Passage(rng.choice(targets), tuple(asked), TARGET_TYPE)


def _ask(text: str, type: int, stance: str | None) -> Labelled:
    column = IGNORE if stance is None else STANCES.index(stance)
    return Labelled(text, type, (*[IGNORE] * (len(OUTPUTS) - 1), column), (), False)
