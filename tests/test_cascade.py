"""The cascade of both taggers."""

from collections.abc import Iterator

import numpy as np
import pytest

from lichang.records import Article, Unit
from lichang.tagging.cascade import Batch, CascadeTagger, Chosen, Probabilities
from lichang.tagging.encoder import Reading
from lichang.tagging.windows import HEADS

EVEN = {head: np.full(len(labels), 1 / len(labels), np.float32) for head, labels in HEADS.items()}


class Counting:
    version = "n"

    def probabilities(self, batch: Batch) -> Probabilities:
        count = sum(len(units) for _, units in batch)
        found = {head: np.tile(row, (count, 1)) for head, row in EVEN.items()}
        found["camp"] = np.tile(np.float32([0.7, 0.2, 0.1]), (count, 1))
        found["camp"][1::3] = 0.5, 0.3, 0.2
        return found


class Careful:
    version = "e"

    def read(self, batch: Batch, chosen: Chosen | None = None) -> Iterator[list[Reading | None]]:
        assert chosen is not None
        for (_, units), wanted in zip(batch, chosen, strict=True):
            sure = [
                np.array(row, np.float32) for row in ([0.01, 0.98, 0.01], [0.4, 0.3, 0.3], [0.2, 0.2, 0.6])
            ]
            yield [
                Reading(EVEN | {"camp": sure[i % 3]}, ((unit.start, unit.end),), ()) if wanted[i] else None
                for i, unit in enumerate(units)
            ]


def test_the_surer_one_prevails() -> None:
    units = [Unit(start=i, end=i + 1, section="body") for i in range(3)]
    batch = [
        (Article(id="a", text="一二三"), units),
        (Article(id="b", text=""), []),
        (Article(id="c", text="一"), units[:1]),
    ]
    tagger = CascadeTagger(Counting(), Careful(), sure=0.75)
    tags = tagger.tag(batch)
    assert [[tag.camp for tag in row] for row in tags] == [
        ["containment", "dependency", "dependency"],
        [],
        ["containment"],
    ]
    assert all(sum(tag.scores.values()) == pytest.approx(1, abs=1e-3) for row in tags for tag in row)
    assert tags[0][1].holders == ((1, 2),)
    assert tagger.version == "n+e"
    assert tagger.tag([(Article(id="b", text=""), [])]) == [[]]


def test_what_n_grams_are_sure_of_is_not_read_again() -> None:
    units = [Unit(start=i, end=i + 1, section="body") for i in range(3)]
    tagger = CascadeTagger(Counting(), Careful(), sure=0.69)
    [tags] = tagger.tag([(Article(id="a", text="一二三"), units)])
    assert tags[2].scores == {"dependency": 0.7, "containment": 0.2, "neither": 0.1}
    assert [tag.holders for tag in tags] == [((0, 1),), ((1, 2),), ()]


def test_the_unit_before_a_doubtful_one_is_read_with_it() -> None:
    asked: list[list[bool]] = []

    class Asked(Careful):
        def read(self, batch: Batch, chosen: Chosen | None = None) -> Iterator[list[Reading | None]]:
            asked.extend(row.tolist() for row in chosen or ())
            return super().read(batch, chosen)

    units = [Unit(start=i, end=i + 1, section="body") for i in range(5)]
    batch = [(Article(id="a", text="一二三四五"), units), (Article(id="b", text="一"), units[:1])]
    CascadeTagger(Counting(), Asked(), sure=0.69).tag(batch)
    # of six units the second and the fifth are doubtful
    assert asked == [[True, True, False, True, True], [False]]
