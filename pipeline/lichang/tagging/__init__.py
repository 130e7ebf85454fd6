"""Taggers read the units of whole articles and say which camp, attitude and claim kind each carries."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from lichang.records import Article, Attitude, Camp, Kind, Quote, Unit


class Tag(msgspec.Struct, frozen=True, kw_only=True):
    """What a tagger says of one unit."""

    scores: dict[str, float]  # calibrated camp probabilities; sum to 1
    camp: Camp
    attitude: Attitude | None
    kind: Kind | Literal["none"]
    quote: Quote | None = None  # None: the tagger has no opinion, claims/ decides by grammar
    holders: tuple[tuple[int, int], ...] = ()  # article spans the tagger takes for holder mentions
    cues: tuple[tuple[int, int], ...] = ()  # article spans the tagger takes for cues


class Tagger(Protocol):
    """One method, batch in, batch out."""

    name: str
    version: str  # hash of the weights

    def tag(self, batch: Sequence[tuple[Article, Sequence[Unit]]]) -> list[list[Tag]]:
        """One list of tags an article, one tag a unit, in order."""
        ...


# By name: a function of the folder of models and the linear tagger, which is always loaded.
TAGGERS: dict[str, Callable[[Path, Tagger], Tagger]] = {"linear": lambda _, linear: linear}
