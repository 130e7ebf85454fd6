"""The default tagger: n-grams read every unit, the encoder those that they are in doubt about, and the one before each.

N-grams and encoder err on different units, so where both read, their agreement is worth more than either. What
n-grams are sure of, the encoder seldom turns.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from lichang.tagging import Batch, Probabilities, Tag, linear
from lichang.tagging.encoder import Floats, Reading, Wanted, make_tag

Chosen = Sequence[Wanted]

# The encoder's weight in the mean of log probabilities, by head; chosen on sets that neither had seen.
SHARES = {"camp": 0.5, "attitude": 0.5, "kind": 0.6}
# The encoder reads a unit whose likeliest camp n-grams give less: as much as two fifths of the time that reading all
# would take allow.
SURE = 0.76


class Counting(Protocol):
    """What n-grams are asked."""

    version: str

    def probabilities(self, batch: Batch) -> Probabilities:
        """What they say of each unit of the batch."""
        ...


class Careful(Protocol):
    """What the encoder gives: a reading for each unit that it is asked for."""

    version: str

    def read(self, batch: Batch, chosen: Chosen | None = None) -> list[list[Reading | None]]:
        """The readings of each article's units, in order; None for a unit that is not chosen."""
        ...


class CascadeTagger:
    """The weighted geometric mean of two taggers where the first is in doubt, the first alone where it is not."""

    name = "auto"

    def __init__(
        self,
        linear: Counting,
        encoder: Careful,
        *,
        sure: float = SURE,
    ) -> None:
        self.linear, self.encoder = linear, encoder
        self.sure = sure
        self.version = f"{linear.version}+{encoder.version}"

    def tag(self, batch: Batch, counted: Probabilities | None = None) -> list[list[Tag]]:
        """One list of tags an article, one tag a unit, in order."""
        if counted is None:
            counted = self.linear.probabilities(batch)
        doubtful = counted["camp"].max(axis=1) < self.sure
        ends = np.cumsum([len(units) for _, units in batch])
        chosen = [led_up_to(own) for own in np.split(doubtful, ends[:-1])]
        tags, row = [], 0
        for readings in self.encoder.read(batch, chosen):
            tags.append([_tag(reading, counted, row + i) for i, reading in enumerate(readings)])
            row += len(readings)
        return tags


def led_up_to(wanted: Wanted) -> Wanted:
    """The units of an article that are wanted, and the one before each, which often explains it.

    >>> led_up_to(np.array([False, False, True, False, True, True])).tolist()
    [False, True, True, True, True, True]
    """
    chosen = wanted.copy()
    chosen[:-1] |= wanted[1:]
    return chosen


def _tag(reading: Reading | None, counted: Probabilities, row: int) -> Tag:
    if reading is None:
        return linear.make_tag(*(counted[head][row] for head in linear.HEADS))
    return make_tag(blend(reading, counted, row))


def blend(reading: Reading, counted: Probabilities, row: int) -> Reading:
    """The reading with the row of `counted` mixed into every head that both know."""
    mixed = dict(reading.probabilities)
    for head, share in SHARES.items():
        mixed[head] = geometric(mixed[head], counted[head][row], share)
    return reading._replace(probabilities=mixed)


def geometric(first: Floats, second: Floats, share: float) -> Floats:
    """Probabilities proportional to `first**share * second**(1 - share)`.

    >>> geometric(np.float32([0.9, 0.1]), np.float32([0.1, 0.9]), 0.5).tolist()
    [0.5, 0.5]
    """
    powers = np.maximum(first, 1e-6) ** share * np.maximum(second, 1e-6) ** (1 - share)
    return np.asarray(powers / powers.sum(), np.float32)
