"""The measures agree with the scorer beside the gold, and each counts what its name says."""

import importlib.util
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from lichang.analysis import Analyzer
from lichang.corpus import GoldArticle, lay_out
from lichang.records import Claim, Figure, Provenance, Record, Unit
from lichang.scoring import Scores, Spans, compare, match_figures, same_value, score

ROOT = Path(__file__).parents[1]
VALIDATION = ROOT / "corpora" / "camps" / "validation.jsonl"
PROVENANCE = Provenance(lichang="0", tagger="fake@0", segmenter="none", lexicon="none")


def article(*units: dict[str, Any], **more: Any) -> GoldArticle:
    """A gold article of one paragraph."""
    row = {"id": "n-1", "relevant": True, "balance": "balanced", "paragraphs": [{"units": list(units)}]}
    return lay_out(row | more)


def record(gold: GoldArticle, units: Sequence[Unit] = (), **more: Any) -> Record:
    """A record of that article."""
    nothing: dict[str, Any] = {"relevant": True, "balance": "balanced", "claims": (), "figures": ()}
    of = {
        name: getattr(gold.article, name) for name in ("id", "title", "source", "published", "script", "text")
    }
    return Record(units=tuple(units), provenance=PROVENANCE, **of, **(nothing | more))


def unit(start: int, end: int, camp: Any = "neither", attitude: Any = None) -> Unit:
    return Unit(start=start, end=end, section="body", camp=camp, attitude=attitude)


def claim(start: int, end: int, **more: Any) -> Claim:
    return Claim(**({"id": "c", "unit": 0, "start": start, "end": end, "kind": "fact"} | more))


def figure(start: int, end: int, **more: Any) -> Figure:
    given: dict[str, Any] = {"kind": "percent", "low": 5.0, "high": 5.0, "unit": "%", "text": "5%"}
    return Figure(start=start, end=end, **(given | more))


def scored(gold: GoldArticle, *args: Any, **more: Any) -> Scores:
    return score(compare([gold], [record(gold, *args, **more)]))


@pytest.mark.parametrize(("length", "f1"), [(6, 1.0), (5, 0.0)])
def test_a_unit_is_a_camps_from_half_of_its_characters_on(length: int, f1: float) -> None:
    gold = article(
        {"text": "卖芯片让 他们上瘾。.", "camp": "dependency", "attitude": "for"}
    )  # ten, and a space
    found = scored(gold, [unit(0, length, "dependency", "for"), unit(length, 11)])
    assert found.dependency.f1 == f1
    assert found.attitude_n == f1


def test_equal_shares_go_to_one_camp_and_swaps_are_counted() -> None:
    gold = article({"text": "断供才对。", "camp": "containment", "attitude": "for"}, {"text": "没有立场。"})
    found = scored(gold, [unit(0, 5, "dependency", "for"), unit(5, 10, "containment", "for")])
    assert found.camp_swapped == 1
    assert found.camp_f1 == 0
    assert found.containment.n == 1


def test_attitude_counts_only_where_the_camp_is_right() -> None:
    gold = article(
        {"text": "断供才对。", "camp": "containment", "attitude": "for"},
        {"text": "卖才对。", "camp": "dependency", "attitude": "against"},
    )
    found = scored(gold, [unit(0, 5, "containment", "reports"), unit(5, 9)])
    assert (found.attitude_accuracy, found.attitude_n) == (0.0, 1)


def test_kind_and_quote_count_only_where_both_see_a_claim() -> None:
    gold = article({"text": "一定会输。", "claim": "prediction"}, {"text": "应当解禁。", "claim": "proposal"})
    found = scored(gold, claims=(claim(0, 5, kind="prediction"),))
    assert (found.claim.p, found.claim.r) == (1.0, 0.5)
    assert found.claim_kind_macro_f1 == 1.0
    assert found.quote_macro_f1 == 1.0


def test_a_wrong_holder_is_both_given_and_wanted() -> None:
    named = {"text": "吴梓豪认为会输。", "claim": "opinion", "holder": "吴梓豪", "quote": "indirect"}
    own = {"text": "我看未必。", "claim": "opinion", "holder": "作者"}
    gold = article(named, own)
    right = scored(gold, claims=(claim(0, 8, holder="分析师吴梓豪"), claim(8, 13)))
    wrong = scored(gold, claims=(claim(0, 8, holder="路透社"), claim(8, 13, holder="吴梓豪")))
    assert msgspec.structs.astuple(right.holder) == (1.0, 1.0, 1.0, 1)
    assert msgspec.structs.astuple(wrong.holder) == (0.0, 0.0, 0.0, 1)


def test_figures_match_one_to_one_and_vague_ones_cost_nothing() -> None:
    gold = [figure(0, 4), figure(10, 14, kind="vague", low=None, high=None)]
    pairs, given = match_figures(gold, [figure(0, 2), figure(0, 4), figure(11, 13), figure(20, 22)])
    assert pairs == [(gold[0], figure(0, 4))]
    assert given == 3  # the one inside the vague span is not counted


def test_a_figure_that_overlaps_too_little_is_missed() -> None:
    gold = [figure(0, 5)]
    assert match_figures(gold, [figure(0, 2)]) == ([(gold[0], None)], 1)


@pytest.mark.parametrize(
    ("gold", "read", "same"),
    [
        ({}, {"low": 5, "high": 5, "unit": "％"}, True),
        ({}, {"low": 5.1, "high": 5.1}, False),
        ({}, {"kind": "multiple"}, False),
        ({}, {"low": None, "high": None}, False),
        ({"unit": "nm", "kind": "quantity"}, {"unit": "纳米", "kind": "quantity"}, True),
        ({"unit": "张", "kind": "count"}, {"unit": "颗", "kind": "count"}, False),
        ({"unit": None, "kind": "rank"}, {"unit": "大", "kind": "rank"}, True),
        ({"kind": "date", "value": "2025-Q3"}, {"kind": "date", "value": "2025-Q3", "low": 1}, True),
        ({"kind": "date", "value": "2025-Q3"}, {"kind": "date", "value": "2025"}, False),
    ],
)
def test_values(gold: dict[str, Any], read: dict[str, Any], same: bool) -> None:
    assert same_value(figure(0, 2, **gold), figure(0, 2, **read)) is same


def test_an_article_without_a_record_is_named_and_says_nothing() -> None:
    gold = article({"text": "卖才对，占5%。", "camp": "dependency", "attitude": "for", "claim": "opinion"})
    found = score(compare([gold], []))
    assert found.missing == ("n-1",)
    assert (found.dependency.r, found.claim.r, found.relevant_accuracy) == (0.0, 0.0, 0.0)


def test_the_closest_span_shares_most_and_is_the_last_of_equals() -> None:
    spans = Spans([unit(0, 10), unit(2, 6), unit(3, 7), unit(20, 30)])
    assert spans.closest(unit(2, 6)) == 1
    assert spans.closest(unit(3, 6)) == 2
    assert spans.closest(unit(10, 20)) is None


def test_the_figures_are_those_of_the_scorer(analyze: Analyzer, shared: Path) -> None:
    scorer = load_scorer(shared / "score.py")
    rows = [json.loads(line) for line in VALIDATION.read_text("utf-8").splitlines()]
    gold = [lay_out(row) for row in rows]
    records = analyze.pipe(one.article for one in gold[1:])  # the first has none
    changed = [worse(number, one) for number, one in enumerate(records)]
    found = msgspec.to_builtins(score(compare(gold, changed)))
    theirs = scorer.score(rows, {one.id: msgspec.to_builtins(one) for one in changed})
    assert dict(flat(found)) == pytest.approx(dict(flat(theirs)), abs=1e-12)
    assert list(found["missing"]) == theirs["missing"]
    assert 0 < found["camp_f1"] < 1


def flat(tree: dict[str, Any], path: str = "") -> Iterator[tuple[str, float]]:
    """The numbers of nested dicts, by their path."""
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from flat(value, f"{path}{name}.")
        elif isinstance(value, int | float):
            yield path + name, value


def load_scorer(path: Path) -> ModuleType:
    """The scorer beside the gold, as a module."""
    spec = importlib.util.spec_from_file_location("score", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def worse(number: int, good: Record) -> Record:
    """The record with mistakes of every sort: shifted, overlapping, missing and mislabelled."""
    units = [replace(u, end=u.end + 3) if i % 5 == 0 else u for i, u in enumerate(good.units)]
    claims = [
        replace(c, start=max(0, c.start - 4 * (i % 3)), holder=None if i % 4 == 0 else c.holder)
        for i, c in enumerate(good.claims)
        if i % 6
    ]
    figures = [
        replace(f, end=f.end + i % 3, low=None if i % 7 == 0 else f.low, of=None if i % 5 == 0 else f.of)
        for i, f in enumerate(good.figures)
        if i % 6
    ]
    return replace(
        good,
        relevant=number % 3 > 0,
        units=tuple(units),
        claims=tuple(claims),
        figures=tuple(figures + figures[::4]),
    )
