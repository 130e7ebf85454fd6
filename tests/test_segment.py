"""Units tile the text, sentences end where a reader ends them, and sections are told apart."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lichang.sections import lines, sections
from lichang.segment import segment

CASES = json.loads((Path(__file__).parent / "cases" / "segment.json").read_text("utf-8"))
ANY = st.text(
    st.one_of(
        st.sampled_from('。！？!?….，；：“”‘’"「」（）()【】《》#@：/一二、他说芯片H20 　\n\r\u2028😀'),
        st.characters(),
    )
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["label"])
def test_cases(case: dict[str, object]) -> None:
    text, title = case["text"], case.get("title")
    assert isinstance(text, str)
    assert title is None or isinstance(title, str)
    units = segment(text, title=title)
    assert [[unit.section, text[unit.start : unit.end]] for unit in units] == case["units"]


@given(ANY, st.none() | ANY)
@settings(max_examples=300, deadline=None)
def test_units_tile_any_text(text: str, title: str | None) -> None:
    covered = 0
    for unit in segment(text, title=title):
        assert unit.start < unit.end
        assert not text[covered : unit.start].strip()
        assert len((text[unit.start : unit.end]).splitlines()) == 1
        covered = unit.end
    assert not text[covered:].strip()
    for start, end, _ in sections(text):
        assert text[start:end] == text[start:end].strip()
    assert [line.text for line in lines(text)] == [line.strip() for line in text.splitlines() if line.strip()]
