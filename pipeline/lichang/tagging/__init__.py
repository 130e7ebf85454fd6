"""Taggers read the units of whole articles and say which camp, attitude and claim kind each carries."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

import msgspec

from lichang.errors import ModelError
from lichang.records import Article, Attitude, Camp, Kind, Quote, Unit

Batch: TypeAlias = Sequence[tuple[Article, Sequence[Unit]]]
# For each head, calibrated probabilities of all units of a batch in order: float32 of shape `(n_units, n_labels)`.
Probabilities: TypeAlias = dict[str, Any]

# From this probability of a camp on, a unit carries it, though `neither` may be likelier: F1 is greatest where the line
# is drawn at half the F1 that is reached (Lipton et al. 2014, arXiv:1402.1892), and that is near 0.8.
CARRIED = 0.4
# A unit that both camps have a claim to, this much of it each, carries neither: to take one camp for the other is the
# worst of errors (on `unseen` 37 times for 51, at the same F1).
CONTESTED = 0.35
# Predictions and proposals, a tenth of the claims, weigh double where the likeliest kind is chosen: else most of them
# are lost among opinions (macro F1 of the kinds on `unseen` 0.661, so 0.698).
RARE_KINDS = ("prediction", "proposal")
RARE_ODDS = 2


class Tag(msgspec.Struct, frozen=True, kw_only=True):
    """What a tagger says of one unit."""

    scores: dict[str, float]  # calibrated camp probabilities; sum to 1
    camp: Camp
    attitude: Attitude | None
    kind: Kind | Literal["none"]
    quote: Quote | None = None  # None: the tagger has no opinion, claims/ decides by grammar
    attributed: float | None = None  # probability that it is quoted or told after somebody; None: no opinion
    holders: tuple[tuple[int, int], ...] = ()  # article spans the tagger takes for holder mentions
    cues: tuple[tuple[int, int], ...] = ()  # article spans the tagger takes for cues


def join_tags(tags: Sequence[Tag]) -> Tag:
    """The tag of a unit from those of its clauses, which agree in camp and attitude: mean scores, all mentions,
    and the kind of the first clause that makes a claim."""
    if len(tags) == 1:
        return tags[0]
    first = next((tag for tag in tags if tag.kind != "none"), tags[0])
    return msgspec.structs.replace(
        first,
        scores={camp: sum(tag.scores[camp] for tag in tags) / len(tags) for camp in first.scores},
        holders=tuple(span for tag in tags for span in tag.holders),
        cues=tuple(span for tag in tags for span in tag.cues),
    )


class Tagger(Protocol):
    """One method, batch in, batch out."""

    name: str
    version: str  # hash of the weights

    def tag(self, batch: Batch, counted: Probabilities | None = None) -> list[list[Tag]]:
        """One list of tags an article, one tag a unit, in order.

        `counted` is what n-grams say of the batch, where they were asked already.
        """
        ...


def _encoder(models: Path, linear: Any) -> Tagger:
    from lichang.tagging.encoder import EncoderTagger

    return EncoderTagger(models / "camps-encoder")


def _auto(models: Path, linear: Any) -> Tagger:
    from lichang.tagging.cascade import CascadeTagger
    from lichang.tagging.encoder import EncoderTagger

    return CascadeTagger(linear, EncoderTagger(models / "camps-encoder"))


def check_name(tagger: str) -> None:
    """Raise ModelError for a name that is not one of TAGGERS."""
    if tagger not in TAGGERS:
        raise ModelError(f"there is no tagger {tagger!r}; choose one of {', '.join(TAGGERS)}")


# By name: a function of the folder of models and the linear tagger, which is always loaded.
TAGGERS: dict[str, Callable[[Path, Any], Tagger]] = {
    "linear": lambda _, linear: linear,
    "encoder": _encoder,
    "auto": _auto,
}
