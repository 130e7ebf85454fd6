"""Stance to any target, one that training never saw among them: favour, against or neither, unit by unit.

The encoder reads every unit under the target, in its context. `lichang stance` prints what comes out.
"""

from collections.abc import Iterable, Iterator, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from lichang.errors import ModelError
from lichang.records import STANCES, Article, Stance, Unit
from lichang.segment import segment
from lichang.tagging.encoder import EncoderTagger
from lichang.tagging.folder import models_dir

SECTIONS_READ = ("title", "body", "comment")


class UnitStance(msgspec.Struct, frozen=True, kw_only=True):
    """A unit and its stance."""

    start: int
    end: int
    stance: Stance
    scores: dict[str, float]  # calibrated probabilities of STANCES; sum to 1


class ArticleStance(msgspec.Struct, frozen=True, kw_only=True):
    """An article and its stance to a target."""

    id: str
    title: str | None
    target: str
    stance: Stance
    scores: dict[str, float]  # the units' probabilities, those weighing most that take a side
    text: str
    units: tuple[UnitStance, ...]


def read_stances(
    articles: Iterable[Article], target: str, *, encoder: EncoderTagger | None = None
) -> Iterator[ArticleStance]:
    """The stance of each article, and of each of its units, to `target`.

    Raises ModelError for an empty target and where the encoder was trained without targets.
    """
    if not target.strip():
        raise ModelError("the target is empty; name what the stance is asked to, such as 放宽对华芯片出口")
    encoder = encoder or EncoderTagger(models_dir() / "camps-encoder")
    for article in articles:
        units = segment(article.text, title=article.title)
        found = encoder.stances(article, units, target)
        whole = _weigh(units, found)
        yield ArticleStance(
            id=article.id,
            title=article.title,
            target=target,
            stance=STANCES[int(whole.argmax())],
            scores=_scores(whole),
            text=article.text,
            units=tuple(
                UnitStance(
                    start=unit.start, end=unit.end, stance=STANCES[int(row.argmax())], scores=_scores(row)
                )
                for unit, row in zip(units, found, strict=True)
            ),
        )


def _weigh(units: Sequence[Unit], found: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """The mean of the units' probabilities, each weighing as much as it takes a side; shape `(3,)`."""
    read = [i for i, unit in enumerate(units) if unit.section in SECTIONS_READ]
    if not read:
        return np.array([0.0, 0.0, 1.0])
    rows = found[read].astype(np.float64)
    return np.asarray(np.average(rows, axis=0, weights=rows[:, :2].max(1) + 1e-6))


def _scores(row: npt.NDArray[np.floating]) -> dict[str, float]:
    return dict(zip(STANCES, row.astype(float).round(4).tolist(), strict=True))
