"""Learn the weights that choose holders, from annotated articles.

A conditional logit: for each unit, the candidates' sums of weights go through a softmax, and the right
ones share its probability. A second round reads each article with the first round's own choices as its
past, so that the weights meet the mistakes they will have to live with.

    python -m lichang.claims.train corpora/camps

Run it again whenever the grammar of cues or names changes: features and weights belong together.
"""

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, pairwise
from pathlib import Path

import msgspec
import numpy as np

from lichang.claims.holders import WRITER, Scene, read_scene
from lichang.claims.ranker import Features, choose, features, new_past, remember
from lichang.corpus import GoldArticle, GoldUnit, read_corpus
from lichang.records import Unit
from lichang.script import simplify

_FRAGMENT = 0.3  # what a unit read out of its article counts for, against 1 within it
_SILENT = 0.5  # what a unit without a claim counts for, against 1 for a claim


class Example(msgspec.Struct, frozen=True):
    """Annotated text: the holder of each unit, empty for the writer, and what each unit counts for."""

    scene: Scene
    holders: tuple[str, ...]
    counts: tuple[float, ...]


class Row(msgspec.Struct, frozen=True):
    """One unit's candidates, which of them are right, and what the unit counts for."""

    found: Features
    right: tuple[str, ...]
    weight: float


def examples(article: GoldArticle) -> Iterator[Example]:
    """An article whole, then each sentence of it that names its own holder alone.

    The paragraphs of a contrast set have nothing to do with one another, and are read apart.
    """
    units = article.units
    if article.genre == "contrast":
        lines = article.article.text.split("\n")
        starts = [0, *accumulate(len(line) + 1 for line in lines)]
        for start, end in pairwise(starts):
            yield _example(article, [u for u in units if start <= u.unit.start < end], _FRAGMENT)
        return
    yield _example(article, units, 1.0)
    text = simplify(article.article.text)
    for unit in units:
        named = simplify(unit.holder or WRITER)
        if (
            unit.kind != "none"
            and unit.unit.section == "body"
            and named in text[unit.unit.start : unit.unit.end]
        ):
            yield _example(article, [unit], _FRAGMENT)


def _example(article: GoldArticle, units: Sequence[GoldUnit], weight: float) -> Example:
    base = units[0].unit.start
    spans = [Unit(start=u.unit.start - base, end=u.unit.end - base, section=u.unit.section) for u in units]
    text = simplify(article.article.text[base : units[-1].unit.end])
    return Example(
        read_scene(text, spans),
        tuple(simplify(u.holder or WRITER) for u in units),
        tuple(weight * (_SILENT if u.kind == "none" else 1.0) for u in units),
    )


def same(name: str, gold: str) -> bool:
    """Whether two names mean one holder: equal, or one within the other from two characters on.

    >>> same("金凯德", "罗伯特·金凯德"), same("", "金凯德"), same("金", "金凯德")
    (True, False, False)
    """
    if WRITER in (name, gold):
        return name == gold
    return name == gold or (min(len(name), len(gold)) >= 2 and (name in gold or gold in name))


def learn(
    examples: Sequence[Example], *, rounds: int = 1, l2: float = 5.0, least: int = 3
) -> dict[str, float]:
    """Weights by feature, rounded to three places, small ones left out.

    ``least`` is how often a feature must stand in the rows to be given a weight.
    """
    rows = [row for e in examples for row in _rows(e, None)]
    weights = _fit(rows, l2, least)
    for _ in range(rounds):
        rows += [row for e in examples for row in _rows(e, weights)]
        weights = _fit(rows, l2, least)
    return weights


def _rows(e: Example, weights: dict[str, float] | None) -> list[Row]:
    """Every unit's candidates, with the gold holders as the past, or the choices of ``weights``."""
    past, rows = new_past(), []
    for i, gold in enumerate(e.holders):
        found = features(e.scene, past, i)
        right = tuple(name for name in found if same(name, gold))
        rows.append(Row(found, right, e.counts[i]))
        name = max(right, key=len, default=gold) if weights is None else choose(found, weights)
        remember(past, i, name, cued=bool(e.scene.attributions[i]))
    return [row for row in rows if row.right and len(row.found) > 1]


def _fit(rows: Sequence[Row], l2: float, least: int) -> dict[str, float]:
    from scipy.optimize import minimize

    seen = Counter(word for row in rows for words in row.found.values() for word in set(words))
    vocabulary = {word: n for n, word in enumerate(w for w, count in seen.items() if count >= least)}
    loss = _loss(rows, vocabulary, l2)
    best = minimize(loss, np.zeros(len(vocabulary)), jac=True, method="L-BFGS-B", options={"maxiter": 200}).x
    return {word: round(float(best[n]), 3) for word, n in vocabulary.items() if abs(best[n]) >= 0.01}


def _loss(
    rows: Sequence[Row], vocabulary: dict[str, int], l2: float
) -> Callable[[np.ndarray], tuple[float, np.ndarray]]:
    """The negative log-likelihood of the right candidates, and its gradient, as a function of the weights."""
    from scipy.sparse import csr_matrix

    columns: list[int] = []
    ends, unit, right = [0], [], []
    for n, row in enumerate(rows):
        for name, words in row.found.items():
            columns += [vocabulary[word] for word in words if word in vocabulary]
            ends.append(len(columns))
            unit.append(n)
            right.append(name in row.right)
    matrix = csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(unit), len(vocabulary)))
    transposed = matrix.T.tocsr()
    of, good, counts = np.array(unit), np.array(right), np.array([row.weight for row in rows])
    first = np.flatnonzero(np.r_[True, of[1:] != of[:-1]])

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        sums = matrix @ weights
        odds = np.exp(sums - np.maximum.reduceat(sums, first)[of])
        total, hit = np.add.reduceat(odds, first), np.add.reduceat(odds * good, first)
        value = (counts * (np.log(total) - np.log(hit + 1e-12))).sum() + 0.5 * l2 * (weights @ weights)
        slope = transposed @ (counts[of] * (odds / total[of] - odds * good / (hit[of] + 1e-12)))
        return float(value), slope + l2 * weights

    return loss


def main() -> None:
    """Read the corpus, learn, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("weights.json"))
    options = parser.parse_args()
    weights = learn([e for article in read_corpus(options.corpus, "train") for e in examples(article)])
    options.out.write_text(json.dumps(weights, ensure_ascii=False, indent=0, sort_keys=True) + "\n", "utf-8")
    print(f"{len(weights)} weights, {options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
