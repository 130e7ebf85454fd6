"""An evaluation for people: tables in the terminal, and the reliability diagram as a picture."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from lichang.errors import LichangError, SourceError
from lichang.evaluate import Bin, Calibration, CampError, Confusion, Evaluation, FalseAlarms
from lichang.scoring import Prf, Recall

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

BAR = 20  # characters of a full bar


def render(evaluation: Evaluation) -> Iterator["RenderableType"]:
    """What `lichang evaluate` prints, from the figures of merit to the worst errors."""
    from rich.markup import escape

    yield f"[bold]{escape(evaluation.tagger)}[/] on {escape(evaluation.corpus)}, {escape(evaluation.split)}"
    yield _scores(evaluation)
    yield _confusion("camp", evaluation.camps)
    yield _confusion("claim kind", evaluation.kinds)
    yield _calibration(evaluation.calibration)
    yield _distractors(evaluation.distractors)
    if evaluation.worst:
        yield _worst(evaluation.worst)


def write_reliability(evaluation: Evaluation, path: str | Path) -> None:
    """Draw how often a camp is right against how probable it was said to be, as a PNG.

    Raises LichangError without matplotlib, and SourceError where the file cannot be written.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise LichangError("the diagram needs matplotlib: pip install 'lichang[train]'") from error

    calibration = evaluation.calibration
    figure = Figure(figsize=(5, 5), layout="constrained")
    rate, count = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    filled = [one for one in calibration.bins if one.n]
    rate.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    rate.plot([one.probability for one in filled], [one.accuracy for one in filled], marker="o")
    rate.set(xlim=(0, 1), ylim=(0, 1), ylabel="share of units right")
    rate.set_title(f"{evaluation.tagger}: calibration error {calibration.error:.3f}", fontsize=10)
    width = 1 / len(calibration.bins)
    count.bar([one.low for one in calibration.bins], [one.n for one in calibration.bins], width, align="edge")
    count.set(xlabel="probability of the camp chosen", ylabel="units")
    try:
        figure.savefig(path, format="png", dpi=120)
    except OSError as error:
        raise SourceError(f"{path} cannot be written: {error.strerror}; name another file") from error


def _scores(evaluation: Evaluation) -> "Table":
    table = _table("", "f1", "p", "r", "n")
    for name, value in msgspec.structs.asdict(evaluation.scores).items():
        for row in _rows(name, value):
            table.add_row(*row)
    table.add_row(*next(_rows("unit_boundaries", evaluation.boundaries)))
    return table


def _rows(name: str, value: object) -> Iterator[tuple[str, ...]]:
    """One measure as cells: a number alone stands in the first column."""
    match value:
        case Prf(p, r, f1, n):
            yield name, f"{f1:.3f}", f"{p:.3f}", f"{r:.3f}", str(n)
        case Recall(r, n):
            yield name, "", "", f"{r:.3f}", str(n)
        case dict():
            yield (name,)
            for kind, recall in value.items():
                yield from _rows(f"  {kind}", recall)
        case float():
            yield name, f"{value:.3f}"
        case tuple():
            yield name, ", ".join(value) or "0"
        case _:
            yield name, str(value)


def _confusion(of: str, confusion: Confusion) -> "Table":
    """Rows are the gold's labels, columns those read."""
    table = _table(f"{of}: gold \\ read", *confusion.labels)
    for label, counts in zip(confusion.labels, confusion.counts, strict=True):
        table.add_row(label, *map(str, counts))
    return table


def _calibration(calibration: Calibration) -> "Table":
    table = _table("probability of the camp", "mean", "right", "units")
    table.caption = f"expected calibration error {calibration.error:.3f}"
    table.add_column("")
    for one in calibration.bins:
        if one.n:
            numbers = f"{one.probability:.3f}", f"{one.accuracy:.3f}", str(one.n)
            table.add_row(f"{one.low:.1f}–{one.high:.1f}", *numbers, _bar(one))
    return table


def _distractors(alarms: FalseAlarms) -> str:
    if not alarms.articles:
        return "no article of the split is about something else\n"
    return (
        f"articles about something else: {len(alarms.relevant)} of {alarms.articles} called relevant, "
        f"{alarms.camp_units} of {alarms.units} units given a camp\n"
    )


def _bar(one: Bin) -> str:
    """How often the bin is right, with a mark where its probability says it should be."""
    bar = "█" * round(one.accuracy * BAR)
    at = min(BAR - 1, int(one.probability * BAR))
    bar = bar.ljust(BAR)
    return f"{bar[:at]}│{bar[at + 1 :]}"


def _worst(errors: tuple[CampError, ...]) -> "Table":
    from rich.text import Text

    table = _table("worst errors", "gold", "read", "p")
    table.add_column("text", overflow="fold")
    for error in errors:
        where = f"{error.article}:{error.start}"
        table.add_row(where, error.gold, error.predicted, f"{error.probability:.2f}", Text(error.text))
    return table


def _table(first: str, *others: str) -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, caption_justify="left")
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    return table
