"""`lichang train camps`: fit the linear tagger, the gate and the verdict from an annotated corpus.

Everything that depends on how sure a model is (temperatures, the verdict) is fitted on predictions for writers
that the model has not seen: a fold leaves whole writers' sets out. Then all heads are refitted on the whole corpus.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lichang import __version__
from lichang.corpus import GoldArticle, GoldUnit
from lichang.errors import CorpusError
from lichang.records import BALANCES, Article, Unit
from lichang.segment import segment
from lichang.tagging.features import VERSION, Counts, Features, plain
from lichang.tagging.folder import Folder
from lichang.tagging.gate import Gate
from lichang.tagging.linear import HEADS, make_tag, softmax
from lichang.tagging.verdict import balance_row, relevance_row, shares

# Strength of each head's linear support vector machine (inverse regularisation), chosen with writers' sets left out.
# Logistic regression does as well there, takes six times as long, and calls more background units camp units.
STRENGTH = {"camp": 0.3, "attitude": 1.0, "kind": 1.0, "quote": 1.0}
# Irrelevant units weigh little: at 1 they cost the camps 0.02 F1, at 0 one in five of them is called a camp unit.
IRRELEVANT_WEIGHT, IRRELEVANT_UNITS = 0.1, 30
GATE_STRENGTH, RELEVANCE_STRENGTH = 30.0, 30.0
BALANCE_STRENGTH = 1.0  # at 300, writers of one set left out, a tenth fewer articles are read right
FOLDS = 5
FEWEST_ARTICLES, FEWEST_WRITERS = 20, 3

Progress = Callable[[str], None]


def train(
    corpus: Sequence[GoldArticle],
    out: Path,
    *,
    irrelevant: Sequence[Article] = (),
    progress: Progress = print,
) -> None:
    """Fit on `corpus` (and on unannotated articles known to be about something else) and write the folder `out`.

    Raises CorpusError where there is too little to leave writers out.
    """
    writers = sorted({gold.writer for gold in corpus})
    if len(corpus) < FEWEST_ARTICLES or len(writers) < FEWEST_WRITERS:
        raise CorpusError(
            f"{len(corpus)} articles of {len(writers)} writers are too few to train on: at least "
            f"{FEWEST_ARTICLES} articles of {FEWEST_WRITERS} writers are needed (ids WRITER-NUMBER)"
        )
    _check_variety(corpus, irrelevant)
    progress("counting n-grams")
    unfitted = np.zeros(0, np.float32)
    features = Features(unfitted, unfitted)
    counts = features.count([(gold.article, [unit.unit for unit in gold.units]) for gold in corpus])
    others = features.count([_middle(article) for article in irrelevant])
    held_out = _leave_writers_out(corpus, features, counts, others, irrelevant, writers, progress)
    progress("fitting on the whole corpus")
    heads = _fit_heads(features.fit(counts), counts, corpus, others)
    temperatures = {head: _temperature(held_out.logits[head], held_out.labels[head]) for head in HEADS}
    model: dict[str, Any] = {"char_idf": features.char_idf, "word_idf": features.word_idf}
    for head, (weights, intercept) in heads.items():
        scale = 1 / temperatures[head]
        model[head] = {"weights": (weights * scale).astype(np.float16), "intercept": intercept * scale}
    gate = _fit_gate(corpus, irrelevant)
    model["gate"] = {"idf": gate.idf, "weights": gate.weights.astype(np.float16), "intercept": gate.intercept}
    model["verdict"] = _fit_verdict(corpus, held_out, temperatures)
    Folder(out).save_skops(
        model,
        {
            "lichang": __version__,
            "features": VERSION,
            "labels": {head: list(labels) for head, labels in HEADS.items()},
            "temperatures": {head: round(value, 4) for head, value in temperatures.items()},
            "trained_on": {
                "articles": len(corpus),
                "units": sum(len(gold.units) for gold in corpus),
                "irrelevant": len(irrelevant),
                "writers": writers,
            },
        },
    )


def _check_variety(corpus: Sequence[GoldArticle], irrelevant: Sequence[Article]) -> None:
    """Raise CorpusError where there is nothing to tell apart, also with any fold of writers left out."""
    writers = sorted({gold.writer for gold in corpus})
    balances = {gold.balance for gold in corpus if gold.relevant and _is_whole(gold)}
    for fold in range(min(FOLDS, len(writers))):
        seen = [gold for gold in corpus if gold.writer not in writers[fold::FOLDS]]
        if not irrelevant and all(gold.relevant for gold in seen):
            raise CorpusError(
                "every article is about the debate; give some that are not with --irrelevant FILE, "
                "or annotate some with relevant: false"
            )
        if not any(gold.relevant for gold in seen):
            raise CorpusError("no article is about the debate; add articles with relevant: true")
        for head in HEADS:
            found = {
                HEADS[head][label]
                for label in _labels(head, [u for g in seen for u in g.units])
                if label >= 0
            }
            if len(found) < 2:
                raise CorpusError(
                    f"without the articles of {', '.join(writers[fold::FOLDS])}, units have but one {head} "
                    f"({', '.join(found) or 'none'}); annotate more articles"
                )
    if len(balances) < 2:
        raise CorpusError(
            f"articles about the debate have but one balance ({', '.join(balances) or 'none'}); annotate more articles"
        )


class _HeldOut:
    """What models say of writers that they have not seen."""

    def __init__(self) -> None:
        self.logits: dict[str, list[Any]] = {head: [] for head in HEADS}  # of labelled units
        self.labels: dict[str, list[Any]] = {head: [] for head in HEADS}
        self.articles: list[tuple[GoldArticle, float, dict[str, Any]]] = []  # gate log odds, unit logits


def _leave_writers_out(
    corpus: Sequence[GoldArticle],
    features: Features,
    counts: Counts,
    others: Counts,
    irrelevant: Sequence[Article],
    writers: Sequence[str],
    progress: Progress,
) -> _HeldOut:
    held_out = _HeldOut()
    for fold in range(min(FOLDS, len(writers))):
        left_out = writers[fold::FOLDS]
        progress(f"leaving {', '.join(left_out)} out")
        seen = [gold for gold in corpus if gold.writer not in left_out]
        unseen = [gold for gold in corpus if gold.writer in left_out]
        chosen = np.array([gold.writer not in left_out for gold in corpus])
        known = counts.of(chosen)
        heads = _fit_heads(features.fit(known), known, seen, others)
        gate = _fit_gate(seen, irrelevant)
        rows = features.weigh(counts.of(~chosen))
        logits = {head: rows @ weights + intercept for head, (weights, intercept) in heads.items()}
        units = [unit for gold in unseen for unit in gold.units]
        for head in HEADS:
            labels = _labels(head, units)
            held_out.logits[head].append(logits[head][labels >= 0])
            held_out.labels[head].append(labels[labels >= 0])
        gated = gate.logits([plain(gold.article.text) for gold in unseen])
        start = 0
        for gold, gate_logit in zip(unseen, gated, strict=True):
            end = start + len(gold.units)
            own = {head: logits[head][start:end] for head in HEADS}
            held_out.articles.append((gold, float(gate_logit), own))
            start = end
    return held_out


def _labels(head: str, units: Sequence[GoldUnit]) -> npt.NDArray[np.int64]:
    """Column of each unit's label in HEADS, -1 where the head has nothing to say."""
    found = [
        {"camp": u.unit.camp, "attitude": u.unit.attitude, "kind": u.kind, "quote": u.quote}[head]
        for u in units
    ]
    return np.array([HEADS[head].index(label) if label else -1 for label in found])


def _fit_heads(
    features: Features, counts: Counts, corpus: Sequence[GoldArticle], others: Counts
) -> dict[str, Any]:
    """(weights of shape `(WIDTH, n_labels)`, intercept) of each head; `others` are irrelevant units."""
    import scipy.sparse as sp
    from sklearn.svm import LinearSVC

    rows = features.weigh(counts)
    used = np.flatnonzero(np.bincount(rows.indices, minlength=rows.shape[1]))  # nine buckets in ten are empty
    compact = rows[:, used]
    elsewhere = features.weigh(others)[:, used]
    units = [unit for gold in corpus for unit in gold.units]
    heads = {}
    for head in HEADS:
        labels = _labels(head, units)
        chosen, wanted = compact[labels >= 0], labels[labels >= 0]
        importance = np.ones(len(wanted))
        if head == "camp":
            chosen = sp.vstack([chosen, elsewhere])
            wanted = np.append(wanted, np.full(elsewhere.shape[0], HEADS[head].index("neither")))
            importance = np.append(importance, np.full(elsewhere.shape[0], IRRELEVANT_WEIGHT))
        fitted = LinearSVC(C=STRENGTH[head]).fit(chosen, wanted, sample_weight=importance)
        weights = np.zeros((rows.shape[1], len(HEADS[head])), np.float32)
        weights[used] = fitted.coef_.T
        heads[head] = (weights, fitted.intercept_)
    return heads


def _middle(article: Article) -> tuple[Article, list[Unit]]:
    """Neighbouring units from the middle of an article, so that a long report does not outweigh all others."""
    units = segment(article.text, title=article.title)
    start = max(0, (len(units) - IRRELEVANT_UNITS) // 2)
    return article, units[start : start + IRRELEVANT_UNITS]


def _fit_gate(corpus: Sequence[GoldArticle], irrelevant: Sequence[Article]) -> Gate:
    from sklearn.linear_model import LogisticRegression

    texts = [plain(gold.article.text) for gold in corpus] + [plain(article.text) for article in irrelevant]
    wanted = [gold.relevant for gold in corpus] + [False] * len(irrelevant)
    gate = Gate(np.zeros(0, np.float32), np.zeros(0), 0.0)
    gate.fit_idf(texts)
    fitted = LogisticRegression(C=GATE_STRENGTH, max_iter=1000, class_weight="balanced").fit(
        gate.rows(texts), wanted
    )
    gate.weights, gate.intercept = fitted.coef_[0].astype(np.float32), float(fitted.intercept_[0])
    return gate


def _is_whole(gold: GoldArticle) -> bool:
    return any(unit.unit.section == "title" for unit in gold.units)


def _temperature(logits: Sequence[Any], labels: Sequence[Any]) -> float:
    """The divisor that makes held-out logits' probabilities likeliest."""
    from scipy.optimize import minimize_scalar

    every, wanted = np.concatenate(logits), np.concatenate(labels)

    def loss(log_temperature: float) -> float:
        chosen = softmax(every / np.exp(log_temperature))[np.arange(len(wanted)), wanted]
        return float(-np.log(np.maximum(chosen, 1e-9)).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x))


def _fit_verdict(
    corpus: Sequence[GoldArticle], held_out: _HeldOut, temperatures: dict[str, float]
) -> dict[str, Any]:
    from sklearn.linear_model import LogisticRegression

    whole = [entry for entry in held_out.articles if _is_whole(entry[0])]
    rows, gates = [], []
    for gold, gate_logit, logits in whole:
        found = {head: softmax(logits[head] / temperatures[head]) for head in HEADS}
        tags = list(map(make_tag, *(found[head] for head in HEADS)))
        row = shares([unit.unit for unit in gold.units], tags)
        rows.append(balance_row(row))
        gates.append(relevance_row(gate_logit, row))
    relevant = np.array([gold.relevant for gold, *_ in whole])
    about = LogisticRegression(C=RELEVANCE_STRENGTH, max_iter=1000).fit(np.array(gates), relevant)
    balances = [BALANCES.index(gold.balance) for gold, *_ in whole]
    chosen = np.array(rows)[relevant], np.array(balances)[relevant]
    prevails = LogisticRegression(C=BALANCE_STRENGTH, max_iter=5000).fit(*chosen)
    return {
        "relevant_weights": about.coef_[0],
        "relevant_intercept": float(about.intercept_[0]),
        "balance_weights": prevails.coef_.T,
        "balance_intercept": prevails.intercept_,
    }
