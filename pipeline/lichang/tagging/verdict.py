"""From units to the article: is it relevant, and whose arguments prevail?

Both are linear in a handful of numbers, so that a verdict can be explained by them: how sure the gate is, and
what share of the article's argument each camp holds, split by attitude. The weights are learnt with the units
tagged by a model that has not seen the article's writer.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from lichang.records import ATTITUDES, BALANCES, CAMPS, Balance, Unit
from lichang.tagging import Tag

ARGUING = ("title", "body", "comment")
FEW = 0.01  # of an article's units: below it, a ratio of shares says little


def shares(units: Sequence[Unit], tags: Sequence[Tag]) -> npt.NDArray[np.float64]:
    """Shape `(10,)`: for dependency, then containment, the share of units for, against and reporting it, for minus
    against, and the mean probability."""
    argued = [tag for unit, tag in zip(units, tags, strict=True) if unit.section in ARGUING]
    total = max(len(argued), 1)
    row: list[float] = []
    for camp in CAMPS[:2]:
        stand = [
            sum(tag.camp == camp and tag.attitude == attitude for tag in argued) / total
            for attitude in ATTITUDES
        ]
        row += [*stand, stand[0] - stand[1], sum(tag.scores[camp] for tag in argued) / total]
    return np.array(row)


class Verdict:
    """Two logistic regressions: over the gate's log odds and the camps' mass, and over the shares."""

    def __init__(self, model: dict[str, Any]) -> None:
        self.relevant_weights, self.relevant_intercept = (
            model["relevant_weights"],
            model["relevant_intercept"],
        )
        self.balance_weights, self.balance_intercept = model["balance_weights"], model["balance_intercept"]

    def __call__(
        self, gate_logit: float, units: Sequence[Unit], tags: Sequence[Tag]
    ) -> tuple[float, Balance]:
        """(probability of being relevant, balance); what is not relevant has balance `neither`."""
        row = shares(units, tags)
        logit = relevance_row(gate_logit, row) @ self.relevant_weights + self.relevant_intercept
        relevant = float(1 / (1 + np.exp(-logit)))
        if logit <= 0:
            return relevant, "neither"
        prevails = balance_row(row) @ self.balance_weights + self.balance_intercept
        return relevant, BALANCES[int(prevails.argmax())]


def without_camp(tag: Tag, relevant: float) -> Tag:
    """The tag of a unit of an article that is not relevant: no camp, and the camps' probabilities scaled by the
    article's of being relevant, so that they agree."""
    scores = {camp: round(tag.scores[camp] * relevant, 4) for camp in CAMPS[:2]}
    scores["neither"] = round(1 - sum(scores.values()), 4)
    return msgspec.structs.replace(tag, camp="neither", attitude=None, scores=scores)


def relevance_row(gate_logit: float, row: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """The numbers that decide relevance: the gate's log odds, and the square root of the camps' mean probability
    (the first few camp units say more than the next)."""
    return np.array([gate_logit, float(np.sqrt(row[4] + row[9]))])


def balance_row(row: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """The numbers that decide balance, shape `(17,)`: the shares, what speaks for each camp in all (for it, or against
    the other), how the camps stand to one another by three counts, and how much of each there is."""
    dependency, containment = row[:5], row[5:]
    sides = dependency[0] + containment[1], containment[0] + dependency[1]
    named = dependency[:3].sum(), containment[:3].sum()
    ratios = [
        np.log((one + FEW) / (other + FEW)) for one, other in (sides, (dependency[0], containment[0]), named)
    ]
    return np.array([*row, *sides, *ratios, *np.sqrt(named)])
