"""The domain lexicon: words of the chip debate that a general dictionary takes apart."""

import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from lichang.words import Segmenter

CARRIERS = ("关于{}的讨论还在继续", "业内认为，{}才是关键", "他们把{}和别的事放在一起")


class Term(msgspec.Struct, frozen=True):
    """One line of ``terms.tsv``."""

    word: str
    frequency: int | None  # None: what it takes to come out whole
    tag: str  # part of speech as jieba names it: n, nz, nt, nr
    reason: str = ""  # where the entry is odd


@cache
def terms() -> tuple[Term, ...]:
    """All terms, in the order of the file.

    >>> words = {term.word for term in terms()}
    >>> "实体清单" in words, "清单" in words
    (True, False)
    """
    rows = (line.split("\t") for line in _source().decode().splitlines() if not line.startswith("#"))
    return tuple(Term(word, int(count) if count else None, tag, reason) for word, count, tag, reason in rows)


@cache
def version() -> str:
    """Hash of the lexicon, 12 hexadecimal digits; changes with any entry."""
    return hashlib.sha256(_source()).hexdigest()[:12]


def check(segmenter: "Segmenter", words: Iterable[str] | None = None) -> list[str]:
    """The words (by default all terms) that do not come out as one word in each of ``CARRIERS``."""
    return [word for word in words or [term.word for term in terms()] if not _comes_out(word, segmenter)]


def _comes_out(word: str, segmenter: "Segmenter") -> bool:
    return all(word in segmenter.cut(carrier.format(word)) for carrier in CARRIERS)


def _source() -> bytes:
    return (files(__name__) / "terms.tsv").read_bytes()
