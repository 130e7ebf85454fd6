"""N-grams of characters and of words, counted in hashed buckets: numpy's work, none for each of them in Python."""

from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

Hashes = npt.NDArray[np.uint64]

_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # 2⁶⁴ over the golden ratio, odd: multiplying by it loses nothing
_BLANKS = np.array([0x00A0, 0x3000], np.uint64)  # beside ASCII's


class Pieces(NamedTuple):
    """The characters or words of texts, one text after the other."""

    hashes: Hashes  # of each piece
    rows: npt.NDArray[np.int64]  # which text it is of
    texts: int  # how many there are


def characters(texts: Sequence[str]) -> Pieces:
    """Every character of every text, ASCII's in lower case."""
    rows = np.repeat(np.arange(len(texts)), _lengths(texts))
    return Pieces(_mix(_codes(texts)), rows, len(texts))


def words(texts: Sequence[Sequence[str]]) -> Pieces:
    """Every word of every text, ASCII's in lower case; blanks are none, and no word may be empty."""
    every = list(chain.from_iterable(texts))
    lengths, codes = _lengths(every), _codes(every)
    starts = np.cumsum(lengths) - lengths
    place = np.arange(len(codes)) - np.repeat(starts, lengths)
    powers = np.multiply.accumulate(np.full(lengths.max(initial=0), _FACTOR))
    hashes = np.add.reduceat(codes * powers[place], starts)
    first = codes[starts]
    seen = (first > 0x20) & ~np.isin(first, _BLANKS)
    rows = np.repeat(np.arange(len(texts)), _lengths(texts))
    return Pieces(_mix(hashes[seen]), rows[seen], len(texts))


def count(pieces: Pieces, longest: int, buckets: int) -> Any:
    """How many n-grams of up to `longest` pieces fall into each bucket; `buckets` is a power of two.

    CSR float32 of shape `(pieces.texts, buckets)`. No n-gram spans two texts.

    >>> count(words([["断供", "会"], ["断供"]]), 2, 2**18).sum(axis=1).tolist()
    [[3.0], [1.0]]
    """
    shift = np.uint64(64 - (buckets.bit_length() - 1))
    grams, rows = pieces.hashes, pieces.rows
    columns, filled = [grams >> shift], [rows]
    for n in range(2, longest + 1):
        grams = _mix(grams[:-1] * _FACTOR + pieces.hashes[n - 1 :])
        whole = rows[: len(grams)] == rows[n - 1 :]
        columns.append(grams[whole] >> shift)
        filled.append(rows[: len(grams)][whole])
    row, column = np.concatenate(filled), np.concatenate(columns)
    ones = np.ones(len(row), np.float32)
    return sp.coo_matrix((ones, (row, column.astype(np.int32))), shape=(pieces.texts, buckets)).tocsr()


def _lengths(parts: Sequence[Sequence[str]]) -> npt.NDArray[np.int64]:
    return np.fromiter(map(len, parts), np.int64, len(parts))


def _codes(parts: Sequence[str]) -> Hashes:
    """The code points of all parts, one after the other; a lone surrogate is one too."""
    codes = np.frombuffer("".join(parts).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    codes[(codes >= 0x41) & (codes <= 0x5A)] += np.uint64(0x20)
    return codes


def _mix(keys: Hashes) -> Hashes:
    """Spread what differs in any bit over all bits (the finaliser of SplitMix64)."""
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))
