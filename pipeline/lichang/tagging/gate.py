"""The gate: is an article about the debate at all? Cheap enough to ask of every article that comes in."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from lichang import words
from lichang.tagging import ngrams
from lichang.tagging.anchors import ANCHORS, TOGETHER
from lichang.tagging.features import Floats, frequencies, tfidf
from lichang.tagging.view import mainland

BUCKETS = 2**16
DENSE_WEIGHT = np.float32(0.3)  # beside rows of tf-idf of length 1
_ROLES = {role: re.compile(pattern) for role, pattern in ANCHORS.items()}
_STOPS = re.compile("[。！？!?\n]+")


class Gate:
    """A logistic regression over hashed words and the densities of ANCHORS."""

    def __init__(self, idf: Floats, weights: npt.NDArray[Any], intercept: float) -> None:
        """`idf` as `features.frequencies` gives it; empty before `fit_idf`."""
        self.idf, self.weights, self.intercept = idf, weights.astype(np.float32), intercept
        self.segmenter = words.load()

    def logits(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Log odds that each plain text is about the debate, shape `(n_texts,)`."""
        return np.asarray(self.rows(texts) @ self.weights + self.intercept, np.float32)

    def rows(self, texts: Sequence[str]) -> Any:
        """CSR of shape `(n_texts, BUCKETS + n_densities)`."""
        texts = [mainland(text) for text in texts]
        dense = DENSE_WEIGHT * np.array([densities(text) for text in texts], np.float32)
        return sp.hstack([tfidf(self.idf).transform(self._words(texts)), dense], format="csr")

    def fit_idf(self, texts: Sequence[str]) -> None:
        """Learn the inverse document frequencies."""
        self.idf = frequencies(self._words([mainland(text) for text in texts]))

    def _words(self, texts: Sequence[str]) -> Any:
        return ngrams.count(ngrams.words(list(map(self.segmenter.cut, texts))), 1, BUCKETS)


def densities(text: str) -> list[float]:
    """How often each role is named (log, per 100 characters), and how often two of them in one sentence."""
    length = max(len(text), 200) / 100
    named = [float(np.log1p(len(role.findall(text)) / length)) for role in _ROLES.values()]
    sentences = _STOPS.split(text)
    present = {role: [bool(p.search(sentence)) for sentence in sentences] for role, p in _ROLES.items()}
    pairs = [
        sum(a and b for a, b in zip(present[first], present[second], strict=True))
        for first, second in TOGETHER
    ]
    share = 3 / max(len(sentences), 8)
    return [*named, *(pair * share for pair in pairs), *(min(1.0, pair / 3) for pair in pairs)]
