"""Figures: every number in an article, with its value, unit, bound and subject."""

from lichang.figures.conflicts import Conflict, conflicts
from lichang.figures.find import find

__all__ = ["Conflict", "conflicts", "find"]
