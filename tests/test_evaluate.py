"""An evaluation counts errors by kind, judges probabilities, and shows its worst errors."""

import sys
from collections.abc import Iterable, Iterator
from hashlib import sha1
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from rich.console import Console

import lichang
from lichang.analysis import Analyzer
from lichang.corpus import GoldArticle, lay_out
from lichang.errors import CorpusError, LichangError, SourceError
from lichang.evaluate import (
    Evaluation,
    boundary_prf,
    calibration,
    corpus_digest,
    evaluate,
    false_alarms,
    worst_errors,
)
from lichang.evaluate_view import render, write_reliability
from lichang.records import Article, Provenance, Record, Unit
from lichang.scoring import Comparison, compare

ROOT = Path(__file__).parents[1]


class AllDependency:
    """Calls every line that ends with 。 dependency, with the probability that it is told."""

    def __init__(self, probability: float = 0.9) -> None:
        self.scores = {"dependency": probability, "containment": 0.0, "neither": 1 - probability}

    def pipe(self, articles: Iterable[Article], /) -> Iterator[Record]:
        for article in articles:
            yield make_record(article, list(self.units(article.text)))

    def units(self, text: str) -> Iterator[Unit]:
        start = 0
        for line in text.splitlines():
            camp: dict[str, Any] = {"camp": "dependency", "attitude": "for"} if line.endswith("。") else {}
            yield Unit(start=start, end=start + len(line), section="body", scores=self.scores, **camp)
            start += len(line) + 1


def make_record(article: Article, units: list[Unit]) -> Record:
    return Record(
        id=article.id,
        title=None,
        source=None,
        published=None,
        script="hans",
        text=article.text,
        relevant=any(unit.camp != "neither" for unit in units),
        balance="neither",
        units=tuple(units),
        claims=(),
        figures=(),
        provenance=Provenance(lichang="0", tagger="all@0", segmenter="none", lexicon="none"),
    )


def make_gold(*paragraphs: tuple[tuple[str, str], ...]) -> GoldArticle:
    """An article from paragraphs of (text, camp)."""
    rows = [
        {
            "units": [
                {"text": text, "camp": camp, "attitude": None if camp == "neither" else "for"}
                for text, camp in one
            ]
        }
        for one in paragraphs
    ]
    return lay_out({"id": "n-1", "relevant": True, "balance": "neither", "paragraphs": rows})


GOLD = make_gold((("卖才对。", "dependency"),), (("禁才对。", "containment"),), (("标题", "neither"),))


def comparisons(gold: GoldArticle = GOLD, **options: float) -> list[Comparison]:
    return compare([gold], AllDependency(**options).pipe([gold.article]))


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return evaluate(ROOT / "corpora" / "camps", "validation", AllDependency())


def test_evaluation_of_a_tagger_that_knows_one_answer(evaluation: Evaluation) -> None:
    assert evaluation.tagger == "all@0"
    assert evaluation.scores.articles == 16
    assert evaluation.scores.dependency.r > 0.5
    assert evaluation.scores.containment.r == 0
    wrong = sum(sum(row) for row in evaluation.camps.counts) - sum(
        row[number] for number, row in enumerate(evaluation.camps.counts)
    )
    assert wrong > len(evaluation.worst) == 20
    assert evaluation.kinds.counts[0][-1] == sum(evaluation.kinds.counts[0])  # facts, all read as no claim


def test_irrelevant_articles_of_the_gold_are_distractors(evaluation: Evaluation) -> None:
    assert evaluation.distractors.articles == 2
    assert evaluation.distractors.relevant_share == 1
    assert 0 < evaluation.distractors.camp_units < evaluation.distractors.units


def test_evaluation_is_plain_json(evaluation: Evaluation) -> None:
    assert msgspec.json.decode(msgspec.json.encode(evaluation), type=Evaluation) == evaluation


def test_a_split_that_does_not_exist_is_a_corpus_error() -> None:
    with pytest.raises(CorpusError, match="split 'dev'"):
        evaluate(ROOT / "corpora" / "camps", "dev", AllDependency())


def test_calibration_is_the_gap_between_probability_and_accuracy() -> None:
    gold = make_gold((("卖才对。", "dependency"),), (("禁才对。", "containment"),))
    found = calibration(comparisons(gold, probability=0.9)[0].readings)
    assert found.error == pytest.approx(0.4)  # half right at 0.9
    assert [(one.low, one.high, one.n) for one in found.bins if one.n] == [(0.8, 0.9, 2)]


@pytest.mark.parametrize(("probability", "number"), [(0.0, 0), (0.1, 0), (0.11, 1), (1.0, 9)])
def test_bins_hold_their_upper_edge(probability: float, number: int) -> None:
    gold = make_gold((("卖才对。", "dependency"),))
    found = calibration(comparisons(gold, probability=probability)[0].readings)
    assert [one.n for one in found.bins].index(1) == number


def test_calibration_of_a_tagger_without_probabilities_counts_no_unit() -> None:
    records = [make_record(GOLD.article, [Unit(start=0, end=4, section="body")])]
    assert sum(one.n for one in calibration(compare([GOLD], records)[0].readings).bins) == 0


def test_worst_errors_say_where_and_what() -> None:
    worst = worst_errors(comparisons())
    assert [(e.article, e.start, e.text, e.gold, e.predicted, e.probability) for e in worst] == [
        ("n-1", 5, "禁才对。", "containment", "dependency", 0.9)
    ]


def test_worst_errors_begin_with_the_most_confident() -> None:
    def unit(start: int, probability: float) -> Unit:
        scores = {"neither": probability, "dependency": 1 - probability}
        return Unit(start=start, end=start + 4, section="body", scores=scores)

    records = [make_record(GOLD.article, [unit(0, 0.6), unit(5, 0.8)])]
    assert [error.start for error in worst_errors(compare([GOLD], records))] == [5, 0]
    assert [error.start for error in worst_errors(compare([GOLD], records), most=1)] == [5]


def test_boundaries_count_inside_lines_and_spaces_belong_to_either_side() -> None:
    gold = make_gold((("甲。", "neither"), (" 乙，", "neither"), ("丙。", "neither")), (("丁。", "neither"),))
    spans = [(0, 3), (3, 7), (8, 10)]  # one end of two found, after the space
    units = [Unit(start=start, end=end, section="body") for start, end in spans]
    found = boundary_prf(compare([gold], [make_record(gold.article, units)]))
    assert (found.p, found.r, found.n) == (1.0, 0.5, 2)


def test_digest_is_of_what_was_annotated() -> None:
    gold = make_gold((("卖才对。", "dependency"),))
    unit = gold.units[0]
    relabelled = replace(unit, unit=replace(unit.unit, attitude="against"))
    digests = [
        corpus_digest([one])
        for one in (gold, replace(gold, units=(relabelled,)), replace(gold, balance="balanced"))
    ]
    assert len(set(digests)) == 3
    assert corpus_digest([make_gold((("卖才对。", "dependency"),))]) == digests[0]


def test_digest_outlives_a_new_field() -> None:
    class Wider(GoldArticle, frozen=True, kw_only=True):
        topic: str | None = None
        notes: dict[str, str] = {}  # noqa: RUF012  msgspec copies it

    wider = Wider(**msgspec.structs.asdict(GOLD))
    assert corpus_digest([wider]) == corpus_digest([GOLD]) != corpus_digest([replace(wider, topic="chips")])


def test_false_alarms_count_units_and_articles() -> None:
    texts = {"a": "中了。\n没中", "b": "没中\n没中"}
    found = false_alarms(AllDependency(), [Article(id=name, text=text) for name, text in texts.items()])
    assert (found.articles, found.units, found.camp_units, found.relevant) == (2, 4, 1, ("a",))
    assert (found.camp_units_per_1000, found.relevant_share) == (250.0, 0.5)


def test_false_alarms_of_no_article() -> None:
    assert false_alarms(AllDependency(), []).relevant_share == 0


def printed(evaluation: Evaluation, width: int = 100) -> str:
    console = Console(file=StringIO(), width=width, highlight=False)
    for part in render(evaluation):
        console.print(part)
    file = console.file
    assert isinstance(file, StringIO)
    return file.getvalue()


def test_view_shows_figures_matrices_and_errors(evaluation: Evaluation) -> None:
    shown = printed(evaluation)
    for words in (
        "camp_f1",
        "unit_boundaries",
        "claim kind: gold",
        "calibration error",
        "2 of 2 called relevant",
    ):
        assert words in shown
    first = evaluation.worst[0]
    assert f"{first.article}:{first.start}" in shown


def test_view_of_errors_takes_markup_for_text_and_cuts_nothing(evaluation: Evaluation) -> None:
    error = replace(evaluation.worst[0], text="[red]" + "长" * 300 + "尾")
    shown = printed(replace(evaluation, worst=(error,)))
    assert "[red]" in shown
    assert shown.count("长") == 300


def test_reliability_diagram_is_a_png(evaluation: Evaluation, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    write_reliability(evaluation, tmp_path / "diagram")
    assert (tmp_path / "diagram").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(SourceError, match="cannot be written: No such file"):
        write_reliability(evaluation, tmp_path / "no" / "diagram")


def test_diagram_without_matplotlib_says_what_to_install(evaluation, tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(LichangError, match=r"pip install 'lichang\[train\]'"):
        write_reliability(evaluation, tmp_path / "diagram")


@pytest.mark.eval
def test_false_alarms_on_real_text_about_something_else(analyze: Analyzer, shared: Path) -> None:
    """The half of the raw text that no gate is trained on: at most 1 unit in 1,000, 1 article in 100."""
    articles = [one for one in lichang.read([str(shared / "raw" / "*.jsonl")]) if isinstance(one, Article)]
    held_out = [one for one in articles if int(sha1(one.id.encode()).hexdigest(), 16) % 2]
    assert len(held_out) > 100
    found = false_alarms(analyze, held_out)
    assert found.camp_units_per_1000 <= 1, found
    assert found.relevant_share <= 0.01, found
