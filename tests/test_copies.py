"""Copies are found whatever was done to them, and articles that only resemble one another are not."""

import random
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lichang import copies
from lichang.copies import (
    CopyIndex,
    bands,
    best_match,
    fingerprint,
    fold,
    is_copy,
    profile,
    similarity,
)
from lichang.corpus import read_corpus

ROOT = Path(__file__).parents[1]
FLOOR = 0.97
TWINS = ("ja", "mu")  # sets of articles in pairs that share most words, and differ in whose logic they carry


@cache
def corpus() -> dict[str, str]:
    return {gold.article.id: gold.article.text for gold in read_corpus(ROOT / "corpora" / "camps", "train")}


@cache
def pairs(half: str) -> list[dict[str, Any]]:
    """The labelled pairs of one half, ids replaced by their texts."""
    rows = msgspec.json.decode((ROOT / "tests" / "cases" / "copies.json").read_bytes())
    texts = corpus()
    return [
        {**row, "a": texts.get(row["a"], row["a"]), "b": texts.get(row["b"], row["b"])}
        for row in rows
        if row["half"] == half
    ]


def f1(verdicts: list[tuple[bool, bool]]) -> float:
    """Of pairs of what is and what was found."""
    both = sum(truth and found for truth, found in verdicts)
    return 2 * both / (sum(truth for truth, _ in verdicts) + sum(found for _, found in verdicts))


def test_the_threshold_is_in_the_middle_of_the_first_halfs_gap() -> None:
    likeness: dict[bool, list[float]] = {True: [], False: []}
    for pair in pairs("choose"):
        a, b = profile(pair["a"]), profile(pair["b"])
        if is_copy(a, b, 1.0):  # the numbers agree
            likeness[pair["copy"]].append(similarity(a, b))
    low, high = max(likeness[False]), min(likeness[True])
    assert (low + high) / 2 == pytest.approx(copies.THRESHOLD, abs=0.01)


def test_the_second_half_is_told_apart() -> None:
    """Through the index, as a run does: by bands first, then for real."""
    verdicts, wrong = [], []
    for pair in pairs("measure"):
        index = CopyIndex[str]()
        index.add("a", pair["a"])
        found = index.add("b", pair["b"]) is not None
        verdicts.append((pair["copy"], found))
        if found != pair["copy"]:
            wrong.append(pair["label"])
    assert f1(verdicts) >= FLOOR, wrong


def twin(key: str) -> str:
    """The article before it in its set."""
    writer, number = key.split("-")
    return f"{writer}-{int(number) - 1:03}"


def test_copies_are_found_among_many() -> None:
    """All articles of the corpus are originals, or copies of their twin; every copy finds its own among them."""
    index = CopyIndex[str]()
    originals = corpus()
    found = {key: index.add(key, text) for key, text in originals.items()}
    alike = {key: match.original for key, match in found.items() if match}
    assert alike == {key: twin(key) for key in alike if key.startswith(TWINS)}
    verdicts = []
    for pair in pairs("measure"):
        if pair["copy"]:
            match = index.add("copy", pair["b"])
            verdicts.append((True, match is not None and originals[match.original] == pair["a"]))
    assert f1(verdicts) >= FLOOR


def test_a_database_finds_the_same_by_bands_and_texts() -> None:
    pair = next(pair for pair in pairs("measure") if pair["label"] == "other script, cut, framed")
    shared = set(bands(fingerprint(pair["a"]).minhash)) & set(bands(fingerprint(pair["b"]).minhash))
    assert shared
    match = best_match(pair["b"], [(1, corpus()["ta-01"]), (2, pair["a"])])
    assert match is not None
    assert match.original == 2
    assert best_match(pair["b"], [(1, corpus()["ta-01"])]) is None
    assert best_match(pair["b"], []) is None


def test_a_copy_never_becomes_an_original() -> None:
    """Each text has four fifths of the one before; the last has nothing of the first."""
    text = "".join(map(chr, random.Random(1).sample(range(0x4E00, 0x9FA5), 2000)))
    index = CopyIndex[int]()
    found = [index.add(start, text[start : start + 1000]) for start in range(0, 1001, 200)]
    assert [match and match.original for match in found] == [None, 0, 0, None, 600, 600]


def test_fingerprints_stay_as_they_are() -> None:
    """They are kept in stores: should this change, METHOD has to change too."""
    found = fingerprint("卖次级芯片，让中国开发者对美国技术上瘾。")
    assert found.exact.hex() == "d4f066c645548058d340f3fd1599f007"
    assert len(found.minhash) == 384
    assert bands(found.minhash)[0] == 9181240807046547050


@pytest.mark.parametrize("text", ["", "！", "芯", "芯片", "芯片芯片芯片芯片"])
def test_short_texts_equal_only_themselves(text: str) -> None:
    own = profile(text)
    assert similarity(own, own) == 1.0
    assert similarity(own, profile("另一段与此毫不相干的文字")) == 0.0


@given(st.text(), st.text())
def test_similarity_is_symmetric_and_bounded(a: str, b: str) -> None:
    one, other = profile(a), profile(b)
    assert 0 <= similarity(one, other) == similarity(other, one) <= 1
    assert (fingerprint(a).exact == fingerprint(b).exact) == (fold(a) == fold(b))
