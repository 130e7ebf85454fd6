"""A figure in the making."""

from fractions import Fraction
from typing import NamedTuple

from lichang.records import Bound, FigureKind, Mod


class Reading(NamedTuple):
    """``plain[start:end]`` and what it says; numbers are exact until the figure is made."""

    start: int
    end: int
    kind: FigureKind
    low: Fraction | None = None
    high: Fraction | None = None
    value: str | None = None
    unit: str | None = None
    bound: Bound = "eq"
    mod: Mod | None = None
