"""Stances to any target, on outside suites: python benchmarks/stance.py nlpcc2016|cstance SUITE_FOLDER

Fine-tunes the base encoder on the suite's own training half, as `lichang train` would, and scores its test half beside
a linear peer. Nothing of a suite is kept but the weights in runs/, which are never committed.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import torch

from lichang.records import STANCES
from lichang.tagging.windows import COLUMNS
from lichang.training.base import build
from lichang.training.encoder import train
from lichang.training.network import Network
from lichang.training.predictions import predict
from lichang.training.recipe import Recipe
from lichang.training.samples import sampler_of
from lichang.training.targets import Pair, passage_of

LABELS = {
    "FAVOR": "favour",
    "AGAINST": "against",
    "NONE": "neither",
    "支持": "favour",
    "反对": "against",
    "中立": "neither",
}


def read(file: Path, kind: str | None = None) -> list[Pair]:
    """The pairs of a suite's file, of one type of target only where `kind` is given."""
    rows = (json.loads(line) for line in file.read_text("utf-8").splitlines())
    return [
        Pair(row["text"], row["target"], LABELS[row["stance"]])
        for row in rows
        if kind is None or row["type"] == kind
    ]


def linear(train_pairs: Sequence[Pair], test_pairs: Sequence[Pair]) -> list[str]:
    """The peer: a support vector machine over character n-grams of text and target."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    def text(pair: Pair) -> str:
        return f"{pair.target} {pair.text}"

    peer = make_pipeline(
        TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True), LinearSVC(C=0.3)
    )
    peer.fit([text(p) for p in train_pairs], [p.stance for p in train_pairs])
    return list(peer.predict([text(p) for p in test_pairs]))


def scores(pairs: Sequence[Pair], found: Sequence[str]) -> dict[str, float]:
    """F_avg over favour and against (the shared task's measure), and macro-F1 over all three."""
    from sklearn.metrics import f1_score

    gold = [pair.stance for pair in pairs]
    return {
        "f_avg": round(float(f1_score(gold, found, labels=STANCES[:2], average="macro")), 4),
        "macro_f1": round(float(f1_score(gold, found, labels=STANCES, average="macro")), 4),
        "n": len(gold),
    }


def main() -> None:
    """Train, score, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("suite", choices=["nlpcc2016", "cstance"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--epochs", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", type=Path, default=Path("runs"))
    options = parser.parse_args()
    if options.suite == "nlpcc2016":
        learnt = read(options.folder / "taskA_train.jsonl")
        tests = {
            "task A": read(options.folder / "taskA_test.jsonl"),
            "task B, unseen": read(options.folder / "taskB_test.jsonl"),
        }
    else:
        learnt = read(options.folder / "train.jsonl", "noun_phrase")
        tests = {"noun phrases": read(options.folder / "test.jsonl", "noun_phrase")}
    base = options.work / "base"
    if not (base / "tokenizer.json").exists():
        build(base)
    out = options.work / f"stance-{options.suite}-{options.seed}"
    epochs = options.epochs or {"nlpcc2016": 6, "cstance": 2}[options.suite]
    train([], out, base=base, pairs=learnt, recipe=Recipe(epochs=epochs, seed=options.seed))
    sampler = sampler_of(base)
    network = Network(base)
    network.load_state_dict(torch.load(out / "network.pt"))
    for name, pairs in tests.items():
        logits = predict(network, sampler, [passage_of(pair) for pair in pairs])
        found = [STANCES[i] for i in logits[:, COLUMNS["stance"]].argmax(1)]
        print(name, "encoder", scores(pairs, found), "linear", scores(pairs, linear(learnt, pairs)))


if __name__ == "__main__":
    main()
