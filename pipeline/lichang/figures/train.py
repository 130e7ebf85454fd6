"""Learn the weights of ``subject.py`` from annotated articles.

``python -m lichang.figures.train corpora/camps`` writes ``subject.json`` beside this file.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from lichang.corpus import GoldArticle, read_corpus
from lichang.figures.find import scan
from lichang.figures.numerals import fold
from lichang.figures.subject import Spot, Token, laid_out, names, said
from lichang.records import Figure
from lichang.words import load

Example = tuple[list[str], bool]  # the names of what is said for a word; whether the subject has it


def examples(articles: Iterable[GoldArticle]) -> list[Example]:
    """One example a candidate word of every figure that both the annotator and ``scan`` found."""
    found: list[Example] = []
    segmenter = load()
    for gold in articles:
        text, published = gold.article.text, gold.article.published
        figures = [figure for unit in gold.units for figure in unit.figures if figure.of]
        spots = [Spot(r.start, r.end, r.kind, r.unit) for r in scan(text, published=published)]
        for spot, sentence, at in laid_out(fold(text), spots, segmenter):
            figure = _annotated(spot, figures)
            if figure and figure.of:
                candidates = said(sentence, at, spot)
                right = labels(sentence, [c.at for c in candidates], at, fold(figure.of))
                found += zip(map(names, candidates), right, strict=True)
    return found


def _annotated(spot: Spot, figures: Sequence[Figure]) -> Figure | None:
    """The annotated figure that shares at least half of its span with ``spot``."""
    for figure in figures:
        shared = min(spot.end, figure.end) - max(spot.start, figure.start)
        if 2 * shared >= max(spot.end, figure.end) - min(spot.start, figure.start):
            return figure
    return None


def labels(sentence: Sequence[Token], candidates: Sequence[int], at: int, subject: str) -> list[bool]:
    """Which candidates a subject is made of; of a word that stands twice, the nearer one."""
    left = Counter(subject.replace("的", ""))
    right = [False] * len(candidates)
    words = [sentence[i].word for i in candidates]
    nearest = sorted(range(len(words)), key=lambda k: (words[k] not in subject, abs(candidates[k] - at)))
    for k in nearest:
        word = Counter(words[k])
        if 2 * sum((word & left).values()) > sum(word.values()):
            right[k] = True
            left -= word
    return right


def learn(found: Sequence[Example], *, strength: float, least: int, small: float) -> dict[str, float]:
    """Weights by name, and the bias under the empty name.

    ``strength`` is scikit-learn's C; names seen fewer than ``least`` times and weights below ``small``
    are left out.
    """
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    seen = Counter(name for names, _ in found for name in names)
    vectorizer = DictVectorizer(dtype=np.float32)
    rows = vectorizer.fit_transform({n: 1.0 for n in names if seen[n] >= least} for names, _ in found)
    rows.indices, rows.indptr = rows.indices.astype(np.int32), rows.indptr.astype(np.int32)
    model = LogisticRegression(C=strength, solver="liblinear", max_iter=200)
    model.fit(rows, [label for _, label in found])
    pairs = zip(vectorizer.get_feature_names_out(), model.coef_[0], strict=True)
    weights = {str(name): round(float(weight), 2) for name, weight in pairs if abs(weight) >= small}
    return {"": round(float(model.intercept_[0]), 3)} | weights


def main() -> None:
    """Read the corpus, learn, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("subject.json"))
    options = parser.parse_args()
    found = examples(read_corpus(options.corpus, "train"))
    weights = learn(found, strength=0.2, least=4, small=0.08)
    lines = ",\n".join(f"{json.dumps(n, ensure_ascii=False)}: {w}" for n, w in sorted(weights.items()))
    options.out.write_text(f"{{\n{lines}\n}}\n", "utf-8")
    print(f"{len(found)} words, {len(weights)} weights, {options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
