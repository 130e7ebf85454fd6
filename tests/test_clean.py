"""Cleaning: what goes, what stays, and that once is enough."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gold_texts import train_texts
from lichang.clean import clean_line, clean_text

ANY_TEXT = st.text(st.characters(), max_size=60)  # with surrogates and control characters
LINE_STUFF = st.text("中。 \t\u3000\u00a0\u200b\ufeff\n\r\v\u2028\x85\x00\x1c\ud800“」", max_size=30)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("甲\r\n乙\r丙\u2028丁\x85戊\x0b己", "甲\n乙\n丙\n丁\n戊\n己"),
        ("\ufeff英\u200b伟\u200d达\u2060", "英伟达"),
        ("a\x00b\x07c\x1bd\x9fe", "abcde"),
        ("前\ud800后\udfff", "前后"),
        ("\u202e反\u202c", "反"),
        ("　　甲　乙　 \t\n　", "　　甲　乙　 \t\n　"),
        ("甲\u00a0乙\u2003丙", "甲 乙 丙"),
        ("甲\n \n\n\n乙 \n", "甲\n \n\n\n乙 "),
        ("\n\n甲\n\n", "甲"),
        (" \r\n\u200b\x00", " "),
    ],
)
def test_cleans(raw: str, text: str) -> None:
    assert clean_text(raw) == text


@pytest.mark.parametrize(
    "text",
    [
        "“他说：‘不行’”「台灣」『書』《法案》【快讯】#芯片#（综合）",
        "Ｈ２００，涨3.5％；１２３",
        "a\tb",
        "cafe\u0301 \uf914 ❤\ufe0f",
        "记者\u3000林一帆",
    ],
)
def test_leaves_what_is_printed(text: str) -> None:
    assert clean_text(text) == text


def test_gold_is_clean_already() -> None:
    for text in train_texts():
        assert clean_text(text) == text


@given(ANY_TEXT | LINE_STUFF)
def test_once_is_enough(raw: str) -> None:
    text = clean_text(raw)
    assert clean_text(text) == text
    assert len(text) <= len(raw)
    text.encode("utf-8")


@given(ANY_TEXT | LINE_STUFF)
def test_a_line_is_one_line(raw: str) -> None:
    line = clean_line(raw)
    assert len(line.splitlines()) <= 1
    assert clean_line(line) == line


@given(st.text("甲乙丙“」。3％", max_size=40))
def test_printed_characters_keep_their_order(raw: str) -> None:
    assert clean_text("\x00".join(raw)) == raw
