"""The fast tagger: n-grams of a unit and its neighbours, four linear heads, one sparse product a batch."""

from typing import Any

import numpy as np
import numpy.typing as npt

from lichang.records import ATTITUDES, CAMPS, KINDS, QUOTES
from lichang.tagging import CARRIED, CONTESTED, RARE_KINDS, RARE_ODDS, Batch, Probabilities, Tag
from lichang.tagging.features import Features

HEADS: dict[str, tuple[str, ...]] = {
    "camp": CAMPS,
    "attitude": ATTITUDES,
    "kind": (*KINDS, "none"),
    "quote": QUOTES,
}

NEITHER = CAMPS.index("neither")  # the last
_KIND_ODDS = np.array([RARE_ODDS if kind in RARE_KINDS else 1 for kind in HEADS["kind"]], np.float32)


class LinearTagger:
    """The heads of the model that `lichang train camps` wrote."""

    name = "linear"

    def __init__(self, model: dict[str, Any], version: str) -> None:
        """`model` is what `Folder.load_skops` gives, `version` the hash of its weights."""
        self.version = version
        self.features = Features(model["char_idf"], model["word_idf"])
        # All heads side by side, so that one product walks the rows once.
        self.weights = np.hstack([model[head]["weights"] for head in HEADS]).astype(np.float32)
        self.intercepts = np.hstack([model[head]["intercept"] for head in HEADS])

    def probabilities(self, batch: Batch) -> Probabilities:
        """What n-grams say of each unit; columns as in HEADS."""
        if not any(units for _, units in batch):
            return {head: np.zeros((0, len(labels)), np.float32) for head, labels in HEADS.items()}
        logits = self.features.transform(batch) @ self.weights + self.intercepts
        ends = np.cumsum([len(labels) for labels in HEADS.values()])
        return dict(zip(HEADS, map(softmax, np.hsplit(logits, ends[:-1])), strict=True))

    def tag(self, batch: Batch, counted: Probabilities | None = None) -> list[list[Tag]]:
        """One list of tags an article, one tag a unit, in order."""
        found = self.probabilities(batch) if counted is None else counted
        tags = iter(map(make_tag, *(found[head] for head in HEADS)))
        return [[next(tags) for _ in units] for _, units in batch]


def make_tag(
    camp: npt.NDArray[Any],
    attitude: npt.NDArray[Any],
    kind: npt.NDArray[Any],
    quote: npt.NDArray[Any],
    **more: Any,
) -> Tag:
    """The tag of one unit from its rows of probabilities: a camp from CARRIED on, unless CONTESTED; rare
    kinds at RARE_ODDS; else the likeliest labels."""
    likelier = int(camp[:NEITHER].argmax())
    carried = camp[likelier] >= CARRIED and camp[:NEITHER].min() < CONTESTED
    best = CAMPS[likelier] if carried else "neither"
    return Tag(
        scores=dict(zip(CAMPS, camp.astype(float).round(4).tolist(), strict=True)),
        camp=best,
        attitude=None if best == "neither" else ATTITUDES[int(attitude.argmax())],
        kind=HEADS["kind"][int((kind * _KIND_ODDS).argmax())],  # type: ignore[arg-type]
        quote=QUOTES[int(quote.argmax())],
        attributed=round(1 - float(quote[QUOTES.index("none")]), 4),
        **more,
    )


def softmax(logits: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """Probabilities along the last axis, which sum to 1."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)
