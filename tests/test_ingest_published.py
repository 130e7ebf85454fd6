"""Publication dates: the forms that feeds, tables and people write."""

import datetime
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lichang.ingest.published import parse_date

CASES = json.loads((Path(__file__).parent / "cases" / "ingest_published.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["label"])
def test_cases(case: dict[str, Any]) -> None:
    if case.get("error"):
        with pytest.raises(ValueError, match="is no day"):
            parse_date(case["value"])
    else:
        assert parse_date(case["value"]) == case["date"]


@given(
    st.dates(datetime.date(1000, 1, 1)), st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y%m%d"])
)
def test_every_day_in_every_form(day: datetime.date, form: str) -> None:
    assert parse_date(day.strftime(form)) == parse_date(day) == day.isoformat()


@given(st.text(max_size=30) | st.integers() | st.floats() | st.lists(st.integers(), max_size=2))
def test_nothing_else_passes(value: object) -> None:
    try:
        date = parse_date(value)
    except ValueError:
        return
    assert date is None or datetime.date.fromisoformat(date)


def test_times_from_tables() -> None:
    assert parse_date(datetime.datetime(2025, 12, 10, 23, 59)) == "2025-12-10"
    assert parse_date(float("nan")) is None
