"""Units tile the text, sentences end where a reader ends them, and sections are told apart."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from lichang.clauses import rejoin
from lichang.corpus import lay_out
from lichang.records import Unit
from lichang.sections import lines, sections
from lichang.segment import segment
from timing import cpu_seconds

CORPUS = Path(__file__).parents[1] / "corpora" / "camps"
INPUTS = Path(__file__).parent / "cases"
CASES = json.loads((INPUTS / "segment.json").read_text("utf-8"))
KNOWN_FAILURES = json.loads((INPUTS / "segment_known_failures.json").read_text("utf-8"))
SIGNS = '。！？!?….，；：“”‘’"「」（）()【】《》#@：/一二、他说则却芯片H20文记者推楼 　\n\r\u2028😀'
ANY = st.text(st.one_of(st.sampled_from(SIGNS), st.characters(exclude_categories=[])))


def cut(case: dict[str, Any]) -> list[list[str]]:
    text = case["text"]
    return [[unit.section, text[unit.start : unit.end]] for unit in segment(text, title=case.get("title"))]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["label"])
def test_cases(case: dict[str, Any]) -> None:
    assert cut(case) == case["units"]


@pytest.mark.xfail(strict=True)
@pytest.mark.parametrize("case", KNOWN_FAILURES, ids=lambda case: case["label"])
def test_known_failures(case: dict[str, Any]) -> None:
    assert cut(case) == case["units"]


@given(ANY, st.none() | ANY)
@settings(max_examples=300, deadline=None)
def test_units_tile_any_text(text: str, title: str | None) -> None:
    covered = 0
    for unit in segment(text, title=title):
        assert unit.start < unit.end
        assert not text[covered : unit.start].strip()
        assert len(text[unit.start : unit.end].splitlines()) == 1
        covered = unit.end
    assert not text[covered:].strip()


@given(ANY)
@settings(deadline=None)
def test_lines_and_sections_are_stripped(text: str) -> None:
    assert [line.text for line in lines(text)] == [line.strip() for line in text.splitlines() if line.strip()]
    assert all(text[start:end] == text[start:end].strip() for start, end, _ in sections(text))


@pytest.mark.parametrize(
    "piece", [*SIGNS, "“。”", "#a#", "#a ", "甲：乙。\n", "甲\n乙\n", "一派，另一派；", "甲乙丙丁；"]
)
def test_time_is_linear(piece: str) -> None:
    """Four times the text takes about four times as long; quadratic time would take sixteen times."""
    few, many = (piece * (size // len(piece)) for size in (10_000, 40_000))
    assert cpu_seconds(lambda: segment(many)) < 10 * cpu_seconds(lambda: segment(few)) + 0.02


def by_grammar(text: str, units: list[Unit]) -> list[Unit]:
    """The units of a tagger that finds the same camp everywhere: only grammar parts clauses at ；."""
    groups = rejoin(text, [(unit.start, unit.end) for unit in units], [None] * len(units))
    return [structs.replace(units[group[0]], end=units[group[-1]].end) for group in groups]


def test_agreement_with_the_gold() -> None:
    """Boundaries inside lines, and sections by character, on the validation articles of corpora/camps."""
    found, wanted, right = Counter[str](), Counter[str](), Counter[str]()
    for row in (CORPUS / "validation.jsonl").read_text("utf-8").splitlines():
        gold = lay_out(json.loads(row))
        text = gold.article.text
        units = by_grammar(text, segment(text, title=gold.article.title))
        for name, marks in MARKS.items():
            expected, got = marks(text, [judged.unit for judged in gold.units]), marks(text, units)
            wanted[name] += len(expected)
            found[name] += len(got)
            right[name] += len(expected & got)
    agreement = {name: 2 * right[name] / (wanted[name] + found[name]) for name in MARKS}
    assert agreement["boundaries"] > 0.97
    assert agreement["sections"] > 0.99


def boundaries(text: str, units: Sequence[Unit]) -> set[tuple[int, str]]:
    """Where units end inside a line."""
    return {(unit.end, "") for unit in units if text[unit.end : unit.end + 1] not in ("", "\n")}


def sectioned(text: str, units: Sequence[Unit]) -> set[tuple[int, str]]:
    """The section of each character that shows something."""
    return {
        (at, unit.section) for unit in units for at in range(unit.start, unit.end) if not text[at].isspace()
    }


MARKS = {"boundaries": boundaries, "sections": sectioned}
