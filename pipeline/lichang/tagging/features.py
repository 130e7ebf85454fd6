"""Units as rows of numbers: hashed character and word n-grams, form, and the same of both neighbours."""

from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from lichang import script, words
from lichang.records import SECTIONS, Unit
from lichang.tagging import Batch, ngrams
from lichang.tagging.view import mainland

CHAR_BUCKETS = WORD_BUCKETS = 2**18
LONGEST_CHARS, LONGEST_WORDS = 3, 2
VERSION = 2  # of the columns' meaning; raise it when that changes, since weights for other columns mean nothing here
FINALS = "。！？；，：”」’』）…#】"  # what a unit ends in tells headings, questions and quotations apart
SIGNS = str.maketrans("「」『』,:;?!()", "“”‘’，：；？！（）")  # many pages print half-width punctuation
DIGITS = str.maketrans("0123456789", "0000000000")  # 25% and 15% are one feature: a share was named
ENDINGS = len(SECTIONS)  # where the columns of `form` begin: sections, endings, quotation marks, two more
QUOTED = ENDINGS + 1 + len(FINALS)
FORM = QUOTED + 4 + 2
NEIGHBOUR_WEIGHT = np.float32(0.1)  # chosen with whole writers' sets left out; 0.2 and 0.35 are worse

Floats = npt.NDArray[np.float32]


def plain(text: str) -> str:
    """The text as models see it: simplified, with one form of each sign, digits as 0; same length."""
    return script.normalize_width(script.simplify(text)).translate(SIGNS).translate(DIGITS)


def unit_texts(batch: Batch) -> list[str]:
    """The plain text of every unit of the batch, in order."""
    texts: list[str] = []
    for article, units in batch:
        text = plain(article.text)
        texts.extend(mainland(text[unit.start : unit.end]) for unit in units)
    return texts


def tfidf(idf: Floats) -> Any:
    """A TfidfTransformer with these inverse document frequencies."""
    from sklearn.feature_extraction.text import TfidfTransformer

    transformer = TfidfTransformer(sublinear_tf=True)
    transformer.idf_ = idf
    return transformer


def frequencies(counts: Any) -> Floats:
    """Inverse document frequencies, float32 of shape `(n_buckets,)`.

    Buckets that fewer than two rows fill weigh nothing, so that an n-gram never seen in training does not take its
    share of a row's length from those that were.
    """
    filled = np.bincount(counts.indices, minlength=counts.shape[1])
    idf = np.log((1 + counts.shape[0]) / (1 + filled)) + 1
    return np.where(filled < 2, 0, idf).astype(np.float32)


class Counts(NamedTuple):
    """What is counted in units before it is weighed; rows are units, in order."""

    chars: Any  # CSR of shape `(n_units, CHAR_BUCKETS)`
    terms: Any  # CSR of shape `(n_units, WORD_BUCKETS)`
    form: Any  # CSR of shape `(n_units, FORM)`
    sizes: npt.NDArray[np.int64]  # how many units each article has

    def of(self, articles: npt.NDArray[np.bool_]) -> "Counts":
        """The counts of the marked articles alone."""
        rows = np.repeat(articles, self.sizes)
        return Counts(self.chars[rows], self.terms[rows], self.form[rows], self.sizes[articles])


class Features:
    """Turns batches into sparse rows; stateless but for the segmenter and the inverse document frequencies."""

    def __init__(self, char_idf: Floats, word_idf: Floats) -> None:
        """Inverse document frequencies, as `frequencies` gives them; empty before `fit`."""
        self.char_idf, self.word_idf = char_idf, word_idf
        self.segmenter = words.load()

    def fit(self, counts: Counts) -> "Features":
        """Learn the inverse document frequencies."""
        self.char_idf, self.word_idf = frequencies(counts.chars), frequencies(counts.terms)
        return self

    def transform(self, batch: Batch) -> Any:
        """CSR float32 of shape `(n_units, WIDTH)`: the unit's own columns, then those of both neighbours."""
        return self.weigh(self.count(batch))

    def count(self, batch: Batch) -> Counts:
        """The n-grams and the form of every unit of the batch."""
        texts = unit_texts(batch)
        chars = ngrams.count(ngrams.characters(texts), LONGEST_CHARS, CHAR_BUCKETS)
        terms = ngrams.count(ngrams.words(list(map(self.segmenter.cut, texts))), LONGEST_WORDS, WORD_BUCKETS)
        shape = form(texts, [unit for _, units in batch for unit in units])
        sizes = np.array([len(units) for _, units in batch], np.int64)
        return Counts(chars, terms, shape, sizes)

    def weigh(self, counts: Counts) -> Any:
        """As `transform`, of what `count` gave."""
        weighed = (tfidf(self.char_idf).transform(counts.chars), tfidf(self.word_idf).transform(counts.terms))
        own = sp.hstack(weighed, format="csr")
        before, after = neighbours(counts.sizes.tolist())
        return sp.hstack(
            [
                own,
                NEIGHBOUR_WEIGHT * ((before + after) @ own),
                counts.form,
                before @ counts.form,
                after @ counts.form,
            ],
            format="csr",
            dtype=np.float32,
        )


WIDTH = 2 * (CHAR_BUCKETS + WORD_BUCKETS) + 3 * FORM


def form(texts: Sequence[str], units: Sequence[Unit]) -> Any:
    """CSR of shape `(n_units, FORM)`: section, last character, open and closed quotation, number, length."""
    rows = np.zeros((len(texts), FORM), np.float32)
    for row, text, unit in zip(rows, texts, units, strict=True):
        last = text.rstrip()[-1:] or " "
        row[SECTIONS.index(unit.section)] = 1
        row[ENDINGS + 1 + FINALS.find(last)] = 1  # find gives -1 for any other ending
        row[QUOTED + 2 * ("“" in text) + ("”" in text)] = 1
        row[-2] = "0" in text
        row[-1] = min(len(text), 80) / 80
    return sp.csr_matrix(rows * np.float32(0.5))


def neighbours(counts: Sequence[int]) -> tuple[Any, Any]:
    """Two CSR matrices that shift rows by one within each article: row i of `before @ X` is row i-1 of X."""
    total = sum(counts)
    first = np.zeros(total + 1, bool)
    first[np.fromiter(chain([0], np.cumsum(counts)), int)] = True  # rows where an article starts
    row = np.arange(1, total)[~first[1:total]]
    ones = np.ones(len(row), np.float32)
    before = sp.csr_matrix((ones, (row, row - 1)), shape=(total, total))
    return before, before.T.tocsr()
