"""Holders, cues and quotations: the cases read as a person would read them, and what must always hold."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from lichang.claims import find_claims
from lichang.claims.holders import WRITER, read_scene
from lichang.claims.ranker import choose, features, new_past
from lichang.claims.train import examples, learn
from lichang.claims.turns import Turn, find_labels
from lichang.corpus import GoldArticle, GoldUnit
from lichang.records import Article, Claim, Unit
from lichang.tagging import Tag

CASES = Path(__file__).parent / "cases"
OPINION = Tag(scores={}, camp="neither", attitude=None, kind="opinion")
SILENT = Tag(scores={}, camp="neither", attitude=None, kind="none")


def cases(name: str) -> list:
    rows = json.loads((CASES / name).read_text("utf-8"))
    return [pytest.param(row, id=row["label"]) for row in rows]


def lay_out(marked: str, section: str = "body", titled: bool = False) -> tuple[Article, list[Unit]]:
    """An article from text with | between units and a line break between lines; may open with a title."""
    text, units, at = "", [], 0
    for number, line in enumerate(marked.split("\n")):
        if number:
            text, at = text + "\n", at + 1
        for part in line.split("|"):
            text += part
            units.append(
                Unit(start=at, end=at + len(part), section="title" if titled and not number else section)
            )
            at += len(part)
    return Article(id="a", text=text), units


def found(row: dict) -> list:
    article, units = lay_out(row["text"], row.get("section", "body"), row.get("titled", False))
    return [[c.holder, c.cue, c.quote] for c in find_claims(article, units, [OPINION] * len(units))]


@pytest.mark.parametrize("row", cases("claims.json"))
def test_cases(row):
    assert found(row) == row["claims"]


@pytest.mark.xfail
@pytest.mark.parametrize("row", cases("claims_known_failures.json"))
def test_known_failures(row):
    assert found(row) == row["claims"]


def test_only_tagged_units_become_claims():
    article, units = lay_out("甲公司宣布停产。|你怎么看？")
    claims = find_claims(article, units, [OPINION, SILENT])
    assert [(c.id, c.unit, c.kind) for c in claims] == [("c0", 0, "opinion")]


def test_a_tag_is_missing():
    article, units = lay_out("甲公司宣布停产。|你怎么看？")
    with pytest.raises(ValueError, match="zip"):
        find_claims(article, units, [OPINION])


def test_spans_slice_to_the_holder():
    article, units = lay_out("“行。”《金融時報》援引美國官員的話說。|他說，很難。\n甲：“……|」乙稱“丙”")
    for claim in find_claims(article, units, [OPINION] * len(units)):
        assert claim.holder is None or article.text[claim.holder_start : claim.holder_end] == claim.holder


def test_a_conversation_has_labels_and_prose_has_none():
    article, units = lay_out("问：会吗？|答：会。\n问：多久？|答：两年。\n投资建议：增持。")
    heads = [u.start == 0 or article.text[u.start - 1] == "\n" for u in units]
    labels = find_labels(article.text, units, heads)
    assert [labels[i]["label"] for i in sorted(labels)] == ["问", "答", "问", "答"]
    article, units = lay_out("结论很清楚：不卖。|理由有三：贵、慢、少。\n市场不买账。")
    assert find_labels(article.text, units, [True, False, True]) == {}


def test_the_learner_prefers_what_the_gold_prefers():
    text = "甲方认为，价格会涨。"
    unit = Unit(start=0, end=len(text), section="body")
    gold = GoldUnit(unit=unit, kind="opinion", holder="甲方", cue="认为", quote="indirect", figures=())
    article = GoldArticle(
        article=Article(id="a", text=text), relevant=True, balance="neither", units=(gold,), genre="contrast"
    )
    [example] = examples(article)
    assert choose(features(example.scene, new_past(), 0), {}) == WRITER
    weights = learn([example], least=1, l2=0.1)
    assert choose(features(example.scene, new_past(), 0), weights) == "甲方"


@pytest.mark.parametrize(
    "text", ["“" * 20000, "说" * 20000, "据" * 20000, "甲·" * 10000, "在他" * 10000, "：" * 20000]
)
def test_hostile_text_takes_linear_time(text):
    article = Article(id="a", text=text)
    before = time.perf_counter()
    find_claims(article, [Unit(start=0, end=len(text), section="body")], [OPINION])
    assert time.perf_counter() - before < 5


def _read(text: str, cuts: Sequence[str], **tag: Any) -> list[Claim]:
    """The claims of a text whose units are `cuts`; `tag` is what the tagger says of the last one besides its kind."""
    starts = [text.index(cut) for cut in cuts]
    units = [Unit(start=s, end=s + len(cut), section="body") for s, cut in zip(starts, cuts, strict=True)]
    plain = Tag(scores={}, camp="neither", attitude=None, kind="opinion")
    return find_claims(
        Article(id="a", text=text), units, [plain] * (len(units) - 1) + [replace(plain, **tag)]
    )


def test_analysts_and_scholars_without_a_name_are_holders() -> None:
    for who in ("一些分析家", "一位历史学家"):
        text = f"{who}认为，禁售逼出了对手。"
        assert [claim.holder for claim in _read(text, [text])] == [who]


def test_a_host_has_the_floor_though_he_asks() -> None:
    lines = ("主持人：请林旭来讲。", "林旭：我看不会停。", "主持人：所以禁令是帮忙。", "林旭：可以这么说。")
    text = "\n".join(lines)
    units = [Unit(start=text.index(line), end=text.index(line) + len(line), section="body") for line in lines]
    assert read_scene(text, units).turns[2] == Turn("主持人", asks=True)


@pytest.mark.parametrize(
    ("head", "guest"),
    [
        ("采访整理：林小满\n郑怀远在鹿特丹管了十年报关单。", "郑怀远"),
        ("采访：林小满　受访：扬·维特（前许可官员）", "扬·维特"),
        ("口述：老邬　记录：申屠", "老邬"),
        ("专访郑怀远：纸上的禁令", "郑怀远"),
        ("采访｜林小满", None),
    ],
)
def test_answers_are_the_guests_and_not_the_interviewers(head: str, guest: str | None) -> None:
    lines = [
        *head.split("\n"),
        "问：禁令管用吗？",
        "答：纸上管用。",
        "问：还有呢？",
        "答：人走了，货也会走。",
    ]
    text = "\n".join(lines)
    units = [Unit(start=text.index(line), end=text.index(line) + len(line), section="body") for line in lines]
    assert read_scene(text, units).turns[-1] == Turn(guest)


def test_a_taggers_word_on_attribution_tips_the_choice() -> None:
    cuts = ("高思齐认为，禁售逼出了对手。", "市场一旦丢了就回不来。")
    told = _read("".join(cuts), cuts, attributed=0.99)
    own = _read("".join(cuts), cuts, attributed=0.01)
    assert [claim.holder for claim in told] == ["高思齐", "高思齐"]
    assert [claim.holder for claim in own] == ["高思齐", None]
    assert (told[1].quote, own[1].quote) == ("indirect", "none")


def test_who_has_the_floor_needs_no_other_witness() -> None:
    *turns, more = (
        "记者：有用吗？", "林旭：差距还在。", "记者：那许可呢？", "林旭：短期会。", "长期更麻烦的是人。"
    )  # fmt: skip
    claims = _read("\n".join(turns) + more, [*turns, more], attributed=0.01)
    assert [claim.holder for claim in claims] == [None, "林旭", None, "林旭", "林旭"]


def test_a_marked_name_speaks_where_grammar_finds_the_writer() -> None:
    text = "老算盘那一套是守住内存不放，对面几年内造不出像样的训练卡。"
    marked = _read(text, [text], holders=((0, 3),), attributed=0.9)
    assert [(c.holder, c.holder_start, c.holder_end) for c in marked] == [("老算盘", 0, 3)]
    for fragment in (((0, 1),), ((0, 3), (4, 6))):
        assert [claim.holder for claim in _read(text, [text], holders=fragment)] == [None]
