"""What `explain` says of units, claims and figures."""

import pytest
from msgspec.structs import replace

from fake_pipeline import FakeAnalyzer, fake_record
from lichang.errors import LichangError
from lichang.explain import explain, weigh_words
from lichang.records import Article, Record
from lichang.tagging import Batch, Probabilities, Tag

TEXT = "天气很好。黄仁勋说，依赖会加深3倍。"


class Keyword:
    """A tagger that goes by one word."""

    name = "keyword"
    version = "1"

    def tag(self, batch: Batch, counted: Probabilities | None = None) -> list[list[Tag]]:
        return [[self._tag(article.text[u.start : u.end]) for u in units] for article, units in batch]

    def _tag(self, text: str) -> Tag:
        likely = 0.9 if "依赖" in text else 0.2
        scores = {"dependency": likely, "containment": 0.0, "neither": 1 - likely}
        return Tag(scores=scores, camp="dependency", attitude="for", kind="opinion")


@pytest.fixture
def record() -> Record:
    return fake_record(Article(id="a", text=TEXT), FakeAnalyzer().provenance)


def test_the_word_that_decided_weighs_most(record: Record) -> None:
    first, *others = weigh_words(record, 1, Keyword())
    assert first == ("依赖", 0.7)
    assert {fall for _, fall in others} == {0.0}


def test_a_claim_is_shown_with_its_span_scores_and_reasons(record: Record) -> None:
    found = explain(record, "c0", Keyword())
    assert (found.before, found.text, found.after) == ("天气很好。", "黄仁勋说，依赖会加深3倍。", "")
    assert found.scores["dependency"] == 0.5
    assert found.words[0] == ("依赖", 0.7)
    assert found.decided == (
        "黄仁勋 holds it, named at 5; the attribution runs on from there",
        "fake@1 found dependency 0.50, containment 0.25, neither 0.25: dependency, for",
    )
    assert found.provenance == record.provenance


def test_a_camp_that_is_not_the_likeliest_label_says_why_it_counts(record: Record) -> None:
    scores = {"dependency": 0.42, "containment": 0.08, "neither": 0.5}
    doubtful = replace(record, units=[record.units[0], replace(record.units[1], scores=scores)])
    line = explain(doubtful, "u1").decided[-1]
    assert line.endswith("dependency 0.42, containment 0.08: dependency, for (a camp counts from 0.40 on)")


def test_a_contested_unit_says_why_it_carries_no_camp(record: Record) -> None:
    scores = {"dependency": 0.52, "containment": 0.4, "neither": 0.08}
    contested = replace(record.units[1], scores=scores, camp="neither", attitude=None)
    line = explain(replace(record, units=[record.units[0], contested]), "u1").decided[-1]
    assert line.endswith("neither 0.08: neither (no camp counts where both have 0.35 or more)")


def test_a_figure_is_shown_as_read(record: Record) -> None:
    found = explain(record, "f0")
    assert (found.text, found.words) == ("3", ())
    assert found.decided[0] == "“3” is read as count, eq 3"


def test_units_go_by_their_place(record: Record) -> None:
    assert explain(record, "u0").text == "天气很好。"


@pytest.mark.parametrize("item", ["c9", "f9", "u2", "u", "", "x1", "u-1"])
def test_an_unknown_item_says_which_there_are(record: Record, item: str) -> None:
    with pytest.raises(LichangError, match="u0 to u1, c0 to c0, f0 to f0"):
        explain(record, item)
