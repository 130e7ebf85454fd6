"""What the cascade's reading costs and is worth: python benchmarks/cascade.py corpora/camps [--plot FILE]

For each SURE, from nothing read by the encoder to everything: camp F1 on validation, and the time as a share of the
encoder's alone, measured in turns in one run. With --irrelevant FILE also the ratio on text about something else.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

from lichang.analysis import Analyzer, load
from lichang.corpus import GoldArticle, read_corpus
from lichang.ingest import read_articles
from lichang.records import Article
from lichang.scoring import Scores, compare, score
from lichang.tagging.cascade import SURE, CascadeTagger

LEVELS = (0.0, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98, 1.1)
ROUNDS = 2


def measure(analyze: Analyzer, gold: Sequence[GoldArticle]) -> tuple[Scores, float]:
    """The scores and the best time of a few rounds, in seconds."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.perf_counter()
        records = list(analyze.pipe(one.article for one in gold))
        best = min(best, time.perf_counter() - started)
    return score(compare(gold, records)), best


def main() -> None:
    """Print a row a level; draw the curve."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--models", type=Path)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--irrelevant", type=Path)
    options = parser.parse_args()
    gold = read_corpus(options.corpus, "validation")
    encoder, auto = load("encoder", models=options.models), load("auto", models=options.models)
    assert isinstance(auto.tagger, CascadeTagger)
    alone, seconds = measure(encoder, gold)
    print(f"encoder alone: camp F1 {alone.camp_f1:.3f}, {alone.units / seconds:.0f} units a second")
    print(" sure  time/encoder  camp F1  swapped  attitude  kind F1  quote F1")
    curve = []
    for sure in LEVELS:
        auto.tagger.sure = sure
        found, took = measure(auto, gold)
        curve.append((sure, took / seconds, found.camp_f1))
        print(
            f"{sure:5.2f}  {took / seconds:12.2f}  {found.camp_f1:7.3f}  {found.camp_swapped:7}  "
            f"{found.attitude_accuracy:8.3f}  {found.claim_kind_macro_f1:7.3f}  {found.quote_macro_f1:8.3f}"
        )
    auto.tagger.sure = SURE
    if options.irrelevant:
        about_else = [one for one in read_articles([str(options.irrelevant)]) if isinstance(one, Article)][
            :60
        ]
        times = []
        for analyze in (encoder, auto):
            started = time.perf_counter()
            if analyze is encoder:  # what the gate turns away, the encoder would read too
                from lichang.segment import segment

                units = [(one, segment(one.text, title=one.title)) for one in about_else]
                analyze.tagger.tag(units)
            else:
                list(analyze.pipe(about_else))
            times.append(time.perf_counter() - started)
        print(f"irrelevant news: encoder over auto {times[0] / times[1]:.1f} ×")
    if options.plot:
        draw(curve, alone.camp_f1, options.plot)


def draw(curve: Sequence[tuple[float, float, float]], alone: float, file: Path) -> None:
    """Camp F1 over time, a point a level."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3.5), layout="constrained")
    axes = figure.subplots()
    axes.plot([time for _, time, _ in curve], [f1 for _, _, f1 in curve], marker="o")
    for sure, share, f1 in curve:
        axes.annotate(f"{sure:g}", (share, f1), textcoords="offset points", xytext=(4, 5), fontsize=7)
    axes.axhline(alone, linestyle=":", color="grey")
    axes.annotate("encoder alone", (0.02, alone), xycoords=("axes fraction", "data"), fontsize=7)
    axes.set(
        xlabel="time, as a share of the encoder's",
        ylabel="camp F1, validation",
        title="from which probability on n-grams are believed",
    )
    figure.savefig(file, metadata={"Date": None})


if __name__ == "__main__":
    main()
