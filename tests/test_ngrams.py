"""N-grams counted by numpy are those that one would count by hand."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lichang.tagging import ngrams

BUCKETS = 2**18
WORDS = ["卖", "芯片", "H200", "h200", "给", "中国", " ", "　", "！"]


def by_hand(pieces, longest):
    return Counter(
        tuple(pieces[i : i + n]) for n in range(1, longest + 1) for i in range(len(pieces) - n + 1)
    )


def counts(matrix):
    """How often each bucket is filled, row by row, without saying which it is."""
    return [sorted(matrix[row].data.astype(int).tolist()) for row in range(matrix.shape[0])]


@given(st.lists(st.text("芯片出口ab c\n😀", max_size=12), max_size=4))
def test_characters(texts):
    found = ngrams.count(ngrams.characters(texts), 3, BUCKETS)
    assert found.shape == (len(texts), BUCKETS)
    assert counts(found) == [sorted(by_hand(text, 3).values()) for text in texts]


@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=9), max_size=4))
def test_words_without_blanks_in_one_case(texts):
    found = ngrams.count(ngrams.words(texts), 2, BUCKETS)
    kept = [[word.lower() for word in words if word.strip()] for words in texts]
    assert found.shape == (len(texts), BUCKETS)
    assert counts(found) == [sorted(by_hand(words, 2).values()) for words in kept]


def test_a_gram_has_the_same_bucket_wherever_it_stands():
    alone, among = ngrams.count(ngrams.words([["断供"], ["会", "断供", "吗"]]), 1, BUCKETS)
    assert set(alone.indices) < set(among.indices)


def test_order_counts():
    there, back = ngrams.count(ngrams.words([["美", "中"], ["中", "美"]]), 2, BUCKETS)
    assert len(set(there.indices) & set(back.indices)) == 2


def test_buckets_are_filled_evenly():
    pairs = [chr(0x4E00 + i) + chr(0x4E00 + j) for i in range(256) for j in range(64)]
    found = ngrams.count(ngrams.words([[pair] for pair in pairs]), 1, 2**12)
    filled = np.bincount(found.indices, minlength=2**12)
    assert filled.mean() == 4
    assert filled.var() == pytest.approx(4, rel=0.1)  # as chance would have it


def test_a_lone_surrogate_is_a_character():
    assert ngrams.count(ngrams.characters(["\ud83d芯"]), 1, BUCKETS).nnz == 2
