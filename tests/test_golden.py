"""Whole articles give the records that lie beside them; every span of those says what it should."""

import msgspec
import pytest
from msgspec.structs import replace

from lichang.analysis import Analyzer
from lichang.records import Record
from refresh_golden import NAMES, expected, layout, regenerated

SCORE_TOLERANCE = 0.01  # of a probability: libraries of linear algebra differ in the last digits


@pytest.fixture(scope="module")
def records(analyze: Analyzer) -> dict[str, Record]:
    return regenerated(analyze)


def bare(record: Record) -> list[str]:
    """The record's lines without probabilities and versions."""
    provenance = replace(record.provenance, lichang="", tagger="", segmenter="", lexicon="")
    units = tuple(replace(unit, scores={}) for unit in record.units)
    return layout(replace(record, units=units, provenance=provenance)).splitlines()


@pytest.mark.parametrize("name", NAMES)
def test_record_is_as_expected(records: dict[str, Record], name: str) -> None:
    assert bare(records[name]) == bare(expected(name)), "if it is meant: python tests/refresh_golden.py"


@pytest.mark.parametrize("name", NAMES)
def test_probabilities_are_as_expected(records: dict[str, Record], name: str) -> None:
    found = [unit.scores for unit in records[name].units]
    assert found == [pytest.approx(unit.scores, abs=SCORE_TOLERANCE) for unit in expected(name).units]


@pytest.mark.parametrize("name", NAMES)
def test_units_tile_the_text_and_camps_have_attitudes(name: str) -> None:
    record = expected(name)
    covered = "".join(record.text[unit.start : unit.end] for unit in record.units)
    assert covered == record.text.replace("\n", "")
    for unit in record.units:
        assert (unit.camp == "neither") == (unit.attitude is None)
        assert sum(unit.scores.values()) == pytest.approx(1, abs=0.001)


@pytest.mark.parametrize("name", NAMES)
def test_claims_and_figures_name_each_other_and_what_they_say(name: str) -> None:
    record = expected(name)
    figures, claims = ({one.id: one for one in of} for of in (record.figures, record.claims))
    assert (len(figures), len(claims)) == (len(record.figures), len(record.claims))
    for figure in record.figures:
        assert record.text[figure.start : figure.end] == figure.text
        assert figure.claim is None or figure.id in claims[figure.claim].figures
    for claim in record.claims:
        unit = record.units[claim.unit]
        assert unit.start <= claim.start < claim.end <= unit.end
        assert (claim.camp, claim.attitude) == (unit.camp, unit.attitude)
        assert all(figures[id].claim == claim.id for id in claim.figures)
        if claim.holder_start is not None:
            assert record.text[claim.holder_start : claim.holder_end] == claim.holder


@pytest.mark.parametrize("name", NAMES)
def test_a_record_comes_back_from_its_json(name: str) -> None:
    record = expected(name)
    assert msgspec.json.decode(msgspec.json.encode(record), type=Record) == record


def test_the_articles_cover_both_scripts_and_both_verdicts() -> None:
    golden = [expected(name) for name in NAMES]
    assert {record.script for record in golden} == {"hans", "hant"}
    assert {record.relevant for record in golden} == {True, False}
    assert {unit.section for record in golden for unit in record.units} >= {"title", "body", "comment"}
