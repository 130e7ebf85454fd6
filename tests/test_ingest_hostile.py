"""Whatever bytes come, each reader ends, raises nothing and yields clean articles or rejections."""

import csv
import io
import json
import time
from collections.abc import Callable
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lichang.clean import clean_text
from lichang.ingest import READERS
from lichang.ingest.lines import open_stream
from lichang.ingest.reasons import REASONS
from lichang.ingest.rows import Fields, Place, Row, make_article
from lichang.ingest.text import strip_markdown
from lichang.records import Article

STRUCTURED = [suffix for suffix in READERS if suffix not in (".jsonl.gz", ".parquet")]  # those have framing
PIECES = st.sampled_from(
    [
        "{",
        "}",
        "[",
        "]",
        '"text"',
        ":",
        ",",
        '"',
        "\n",
        "---",
        "# ",
        "**",
        "<p>",
        "</p>",
        "芯片",
        "text",
        "\\ud800",
        "\x00",
    ]
)
BYTES = st.binary(max_size=80) | st.lists(PIECES, max_size=25).map(lambda pieces: "".join(pieces).encode())


@pytest.mark.parametrize("suffix", STRUCTURED)
@settings(deadline=None, max_examples=60)
@given(data=BYTES)
def test_any_bytes(suffix: str, data: bytes) -> None:
    for row in READERS[suffix](open_stream(io.BytesIO(data)), Place("x", "x"), Fields()):
        found = make_article(row, Fields()) if isinstance(row, Row) else row
        if isinstance(found, Article):
            assert clean_text(found.text) == found.text != ""
        else:
            assert found.reason in REASONS


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "text"]), inner, max_size=2)
    ),
    max_leaves=5,
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["id", "title", "source", "published", "text", "paragraphs"]), JSON))
def test_any_json_object(values: dict[str, object]) -> None:
    (row,) = READERS[".jsonl"](
        open_stream(io.BytesIO(json.dumps(values).encode())), Place("x", "x"), Fields()
    )
    found = make_article(row, Fields()) if isinstance(row, Row) else row
    json.dumps([found.id, getattr(found, "text", "")], ensure_ascii=False).encode("utf-8")


@settings(deadline=None)
@given(st.lists(st.text('文,"\n', min_size=1, max_size=60), max_size=6))
def test_a_row_too_large_leaves_its_neighbours_alone(texts: list[str]) -> None:
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows([["text"], *([text] for text in texts)])
    stream = open_stream(io.BytesIO(written.getvalue().encode()))
    with mock.patch("lichang.ingest.tables.MAX_BYTES", 40):
        rows = list(READERS[".csv"](stream, Place("x", "x"), Fields()))
    assert len(rows) == len(texts)
    for text, row in zip(texts, rows, strict=True):
        fits = len(text) + 2 + text.count('"') + 1 <= 40  # with its quotation marks and line end
        assert row.values["text"] == text if isinstance(row, Row) else row.reason == "too-large"
        assert isinstance(row, Row) == fits


def seconds(work: Callable[[str], object], text: str) -> float:
    start = time.perf_counter()
    work(text)
    return time.perf_counter() - start


@pytest.mark.parametrize(
    "unit", ["[", "![", "[](", "**甲", "**", "# ", "- ", "---", "\n ", "　", "[a](http:", "|", "\r"]
)
@pytest.mark.parametrize("work", [strip_markdown, clean_text])
def test_time_is_linear(work: Callable[[str], object], unit: str) -> None:
    assert seconds(work, unit * 100_000 + "x") < 1  # a quadratic pattern takes minutes
