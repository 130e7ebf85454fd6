"""What the cascade's reading costs and is worth: python benchmarks/cascade.py corpora/camps [--plot FILE]

For each level of SURE, from nothing read by the encoder to everything: the scores on validation, and the time
as a share of the encoder's alone, measured in turns in one run. With --irrelevant FILE also how much faster text about
something else is done with than the encoder would read it.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TypeVar

from lichang.analysis import Analyzer, load
from lichang.corpus import GoldArticle, read_corpus
from lichang.ingest import read_articles
from lichang.records import Article
from lichang.scoring import Scores, compare, score
from lichang.segment import segment
from lichang.tagging.cascade import SURE, CascadeTagger

LEVELS = (0.0, 0.5, 0.6, 0.7, SURE, 0.85, 0.9, 0.95, 1.1)
ROUNDS = 4
IRRELEVANT = 60  # articles
Found = TypeVar("Found")


def timed(action: Callable[[], Found]) -> tuple[Found, float]:
    """What it gives, and the seconds that it takes."""
    started = time.perf_counter()
    found = action()
    return found, time.perf_counter() - started


def measure(analyze: Analyzer, gold: Sequence[GoldArticle]) -> tuple[Scores, float]:
    """The scores and the best time of a few rounds, in seconds."""
    best = float("inf")
    for _ in range(ROUNDS):
        records, seconds = timed(lambda: list(analyze.pipe(one.article for one in gold)))
        best = min(best, seconds)
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
    print(" sure  time/encoder  camp F1  swapped  attitude  kind F1  quote F1  holder F1")
    curve: list[Point] = []
    for sure in LEVELS:
        auto.tagger.sure = sure
        found, took = measure(auto, gold)
        curve.append(Point(sure, took / seconds, found))
        print(
            f"{sure:5.2f}  {took / seconds:12.2f}  {found.camp_f1:7.3f}  "
            f"{found.camp_swapped:7}  {found.attitude_accuracy:8.3f}  {found.claim_kind_macro_f1:7.3f}  "
            f"{found.quote_macro_f1:8.3f}  {found.holder.f1:9.3f}"
        )
    auto.tagger.sure = SURE
    if options.irrelevant:
        first = islice(read_articles([str(options.irrelevant)]), IRRELEVANT)
        elsewhere(encoder, auto, [one for one in first if isinstance(one, Article)])
    if options.plot:
        draw(curve, alone, options.plot)


def elsewhere(encoder: Analyzer, auto: Analyzer, articles: Sequence[Article]) -> None:
    """Print how much faster text about something else is tagged, and analysed as a whole, than the encoder reads it."""
    batch = [(one, segment(one.text, title=one.title)) for one in articles]

    _, reading = timed(lambda: encoder.tagger.tag(batch))
    _, tagging = timed(lambda: auto.tags(batch, auto.odds(articles)))
    _, whole = timed(lambda: list(auto.pipe(articles)))
    print(
        f"irrelevant news, encoder's reading over auto's tagging {reading / tagging:.1f} ×, "
        f"over all of auto, claims and figures included, {reading / whole:.1f} ×"
    )


class Point(NamedTuple):
    """What one level costs and is worth."""

    sure: float
    time: float  # over the encoder's
    scores: Scores


def draw(curve: Sequence[Point], alone: Scores, file: Path) -> None:
    """Camp F1 and holder F1 over time, a point a level."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3.8), layout="constrained")
    axes = figure.subplots()
    ordered = sorted(curve, key=lambda point: point.time)
    times = [point.time for point in ordered]
    for name, colour, scores, own in (
        ("camp F1", "C0", [point.scores.camp_f1 for point in ordered], alone.camp_f1),
        ("holder F1", "C1", [point.scores.holder.f1 for point in ordered], alone.holder.f1),
    ):
        axes.plot(times, scores, marker="o", color=colour, label=name)
        axes.axhline(own, linestyle=":", color=colour, label=f"{name}, encoder alone")
    for point in ordered:
        axes.annotate(
            f"{point.sure:g}",
            (point.time, point.scores.camp_f1),
            textcoords="offset points",
            xytext=(4, 5),
            fontsize=6,
        )
    axes.set(
        xlabel="time, as a share of the encoder's",
        title="read where the likeliest camp has less",
    )
    axes.legend(fontsize=7, loc="lower right")
    figure.savefig(file, metadata={"Date": None})


if __name__ == "__main__":
    main()
