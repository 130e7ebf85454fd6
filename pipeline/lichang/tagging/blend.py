"""Both taggers at once: n-grams and encoder err on different units, so their agreement is worth more than either."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from lichang.records import Article, Unit
from lichang.tagging import Tag
from lichang.tagging.encoder import Reading, make_tag

Batch = Sequence[tuple[Article, Sequence[Unit]]]
Probabilities = dict[str, npt.NDArray[np.float32]]

# The encoder's weight in the mean of log probabilities, by head; 0.4 to 0.5 are equally good on validation.
SHARES = {"camp": 0.5, "attitude": 0.5, "kind": 0.6}


class Counting(Protocol):
    """What the n-grams give: for each head, probabilities of shape `(n_units, n_labels)`."""

    version: str

    def probabilities(self, batch: Batch) -> Probabilities:
        """Of all units of the batch, in order."""
        ...


class Careful(Protocol):
    """What the encoder gives: a reading a unit."""

    version: str

    def read(self, batch: Batch) -> Iterator[list[Reading]]:
        """The readings of each article's units, in order."""
        ...


class BlendTagger:
    """The weighted geometric mean of two taggers; quotations, holders and cues are the encoder's."""

    name = "auto"

    def __init__(self, linear: Counting, encoder: Careful) -> None:
        self.linear, self.encoder = linear, encoder
        self.version = f"{linear.version}+{encoder.version}"

    def tag(self, batch: Batch) -> list[list[Tag]]:
        """One list of tags an article, one tag a unit, in order."""
        if not any(units for _, units in batch):
            return [[] for _ in batch]
        counted = self.linear.probabilities(batch)
        tags, row = [], 0
        for readings in self.encoder.read(batch):
            tags.append([make_tag(blend(reading, counted, row + i)) for i, reading in enumerate(readings)])
            row += len(readings)
        return tags


def blend(reading: Reading, counted: Probabilities, row: int) -> Reading:
    """The reading with the row of `counted` mixed into every head that both know."""
    mixed = dict(reading.probabilities)
    for head, share in SHARES.items():
        mixed[head] = geometric(mixed[head], counted[head][row], share)
    return reading._replace(probabilities=mixed)


def geometric(
    first: npt.NDArray[np.float32], second: npt.NDArray[np.float32], share: float
) -> npt.NDArray[np.float32]:
    """Probabilities proportional to `first**share * second**(1 - share)`.

    >>> geometric(np.float32([0.9, 0.1]), np.float32([0.1, 0.9]), 0.5).tolist()
    [0.5, 0.5]
    """
    powers = np.maximum(first, 1e-6) ** share * np.maximum(second, 1e-6) ** (1 - share)
    return np.asarray(powers / powers.sum(), np.float32)
