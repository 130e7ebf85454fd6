"""Encodings are told from short texts, and what is no Chinese text is told apart."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gold_texts import train_texts
from lichang.ingest.encodings import Verdict, detect_encoding

ENCODINGS = {
    "hans": ("utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"),
    "hant": ("utf-8", "gb18030", "cp950", "big5hkscs", "utf-16", "utf-16-le", "utf-16-be"),
}


def snippets(script: str, length: int) -> list[str]:
    """One passage of each gold text, at a place that stays the same from run to run."""
    place = random.Random(length)
    return [
        text[i : i + length] for text in train_texts(script) for i in [place.randrange(len(text) - length)]
    ]


@pytest.mark.parametrize("length", [20, 200])
@pytest.mark.parametrize("script", ENCODINGS)
def test_gold_passages_come_back(script: str, length: int) -> None:
    wrong = []
    for text in snippets(script, length):
        for encoding in ENCODINGS[script]:
            try:
                data = text.encode(encoding)
            except UnicodeEncodeError:
                continue  # Big5 has no 裏 of its own in every variant
            found = detect_encoding(data).encoding
            if found is None or data.decode(found) != text:
                wrong.append((text, encoding, found))
    assert not wrong


@pytest.mark.parametrize(
    ("data", "verdict"),
    [
        (b"", Verdict("utf-8")),
        (b"Bush hid the facts", Verdict("utf-8")),  # the passage that Windows once took for UTF-16
        ("Über Größe".encode(), Verdict("utf-8")),
        ("Les États-Unis ont décidé".encode("latin-1"), Verdict(None, "encoding")),
        ("米国は半導体の輸出を規制すると発表した".encode("shift_jis"), Verdict(None, "encoding")),
        ("미국은 반도체 수출을 규제한다고 발표했다".encode("euc_kr"), Verdict(None, "encoding")),
        ("Соединённые Штаты запретили продажу".encode("koi8-r"), Verdict(None, "encoding")),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01\x00\x08\x06\xff\x9a", Verdict(None, "binary")),
        (b"\x00" * 100, Verdict(None, "binary")),
        (b"\xff\xfe\x00\xd8\x00\xd8", Verdict(None, "encoding")),  # a mark, then half a character twice
        ("文\x00字\x07里有两个控制字符，其余都是正文。".encode(), Verdict("utf-8")),
    ],
)
def test_verdicts(data: bytes, verdict: Verdict) -> None:
    assert detect_encoding(data) == verdict


def test_a_declaration_is_believed_where_the_bytes_allow_it() -> None:
    short = "刪節".encode("cp950")
    assert detect_encoding(short, declared="Big5").encoding == "cp950"
    assert detect_encoding("芯片".encode(), declared="gb2312").encoding == "utf-8"
    assert detect_encoding("美国对华芯片出口管制".encode("gbk"), declared="iso-8859-1").encoding == "gb18030"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "cp950", "utf-16-le"])
def test_a_beginning_may_end_inside_a_character(encoding: str) -> None:
    data = "輝達說，這會給對岸的人工智慧產業注入燃料。".encode(encoding)[:-1]
    found = detect_encoding(data, whole=False).encoding
    assert found == encoding
    assert detect_encoding(data).encoding != found


@given(st.binary(max_size=60))
def test_what_is_named_decodes(data: bytes) -> None:
    verdict = detect_encoding(data)
    assert (verdict.encoding is None) == (verdict.reason is not None)
    if verdict.encoding:
        data.decode(verdict.encoding)
