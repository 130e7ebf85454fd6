"""Every term of the lexicon is well formed and comes out as one word."""

import re

import pytest

from lichang import lexicon
from lichang.script import simplify
from lichang.words import SEGMENTERS, load


@pytest.mark.parametrize("name", SEGMENTERS)
def test_every_term_comes_out_whole(name: str) -> None:
    assert lexicon.check(load(name)) == []


def test_the_terms_are_well_formed() -> None:
    words = [term.word for term in lexicon.terms()]
    assert len(words) == len(set(words))
    assert all(re.fullmatch(r"[\w-]{2,}", word) for word in words)
    assert {term.tag for term in lexicon.terms()} <= {"n", "nz", "nt", "nr"}


def test_terms_come_out_whole_from_folded_text() -> None:
    assert lexicon.check(load(), [simplify(term.word) for term in lexicon.terms()]) == []


def test_check_names_what_falls_apart() -> None:
    assert lexicon.check(load(), ["小院高墙", "小院的高墙"]) == ["小院的高墙"]


def test_the_version_is_a_hash() -> None:
    assert re.fullmatch("[0-9a-f]{12}", lexicon.version())
