"""The article's text cut for display: paragraphs of stretches, stretches of pieces.

A stretch is what one camp tints; a piece is the longest run in it that lies in the same claims, figure and
holder's name throughout. Pieces join back to the text but for line breaks.
"""

import itertools
from collections.abc import Iterator, Sequence

import msgspec

from lichang.records import Section
from lichang.store.judged import Judged, JudgedClaim, JudgedFigure


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """A run of characters with the same marks."""

    start: int  # code points into the article's text
    text: str
    claims: tuple[str, ...]  # ids of the claims that it lies in
    quoted: bool  # in a claim that is a direct quotation
    holder_of: tuple[str, ...]  # ids of the claims whose holder it names
    figure: JudgedFigure | None


class Tint(msgspec.Struct, frozen=True, kw_only=True):
    """A span that carries one camp: a unit, or a claim whose span a person moved or added."""

    start: int
    end: int
    section: Section
    camp: str
    attitude: str | None
    claim: str | None  # id of the claim that says so; None: the unit alone


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """The pieces of one tint in one paragraph."""

    tint: Tint | None  # None: between units
    ends: bool  # the tint ends here, so that its mark follows
    pieces: tuple[Piece, ...]


Paragraph = tuple[Stretch, ...]


def lay_out(judged: Judged) -> list[Paragraph]:
    """The paragraphs of the text, in the camps that people left its claims in."""
    canvas = _Canvas(judged)
    paragraphs: list[Paragraph] = []
    start = 0
    for line in judged.record.text.split("\n"):
        end = start + len(line)
        if line:
            paragraphs.append(tuple(canvas.stretches(start, end)))
        start = end + 1
    return paragraphs


def tints_of(judged: Judged) -> list[Tint]:
    """What each span is to be tinted as; later ones lie over earlier ones."""
    units = judged.record.units
    live = {one.claim.id for one in judged.claims if one.status != "rejected"}
    at_home = {one.claim.unit: one for one in judged.claims if one.claim.id in live and not _moved(one)}
    left = {one.was.unit for one in judged.claims if one.was} - at_home.keys()
    tints = []
    for index, unit in enumerate(units):
        claim = at_home[index].claim if index in at_home else None
        says = claim or unit
        tints.append(
            Tint(
                start=unit.start,
                end=unit.end,
                section=unit.section,
                camp="neither" if index in left else says.camp,
                attitude=None if index in left else says.attitude,
                claim=claim.id if claim else None,
            )
        )
    moved = [one.claim for one in judged.claims if one.claim.id in live and _moved(one)]
    for claim in moved:
        section = units[claim.unit].section
        tints.append(
            Tint(
                start=claim.start,
                end=claim.end,
                section=section,
                camp=claim.camp,
                attitude=claim.attitude,
                claim=claim.id,
            )
        )
    return tints


def _moved(one: JudgedClaim) -> bool:
    """Did a person give it its span?"""
    return one.was is None or (one.was.start, one.was.end) != (one.claim.start, one.claim.end)


class _Canvas:
    """For each character of the text, what holds it."""

    def __init__(self, judged: Judged) -> None:
        self.text = judged.record.text
        length = len(self.text)
        self.cuts: set[int] = set()
        self.tints = tints_of(judged)
        self.tint: list[int] = [-1] * length
        self.figure: list[JudgedFigure | None] = [None] * length
        self.claims: list[tuple[str, ...]] = [()] * length
        self.holders: list[tuple[str, ...]] = [()] * length
        self.quoted = [False] * length
        for number, tint in enumerate(self.tints):
            self._cut(tint.start, tint.end)
            self.tint[tint.start : tint.end] = [number] * (tint.end - tint.start)
        for one in judged.claims:
            if one.status != "rejected":
                self._mark_claim(one)
        for figure in judged.figures:
            if figure.status != "rejected":
                start, end = figure.figure.start, figure.figure.end
                self._cut(start, end)
                self.figure[start:end] = [figure] * (end - start)
        self._ahead = sorted(self.cuts)
        self._at = 0

    def _cut(self, start: int, end: int) -> None:
        self.cuts |= {start, end}

    def _mark_claim(self, one: JudgedClaim) -> None:
        claim = one.claim
        self._cut(claim.start, claim.end)
        for place in range(claim.start, claim.end):
            self.claims[place] += (claim.id,)
        if claim.quote == "direct":
            self.quoted[claim.start : claim.end] = [True] * (claim.end - claim.start)
        if claim.holder_start is not None and claim.holder_end is not None:
            self._cut(claim.holder_start, claim.holder_end)
            for place in range(claim.holder_start, claim.holder_end):
                self.holders[place] += (claim.id,)

    def stretches(self, start: int, end: int) -> Iterator[Stretch]:
        """The stretches of one line; lines are to be asked for from the first to the last."""
        places = self._cuts_within(start, end)
        row: list[Piece] = []
        for here, there in itertools.pairwise(places):
            row.append(self._piece(here, there))
            number = self.tint[here]
            if there == end or self.tint[there] != number:
                tint = self.tints[number] if number >= 0 else None
                yield Stretch(tint=tint, ends=tint is not None and tint.end == there, pieces=tuple(row))
                row = []

    def _cuts_within(self, start: int, end: int) -> Sequence[int]:
        while self._at < len(self._ahead) and self._ahead[self._at] <= start:
            self._at += 1
        first = self._at
        while self._at < len(self._ahead) and self._ahead[self._at] < end:
            self._at += 1
        return [start, *self._ahead[first : self._at], end]

    def _piece(self, start: int, end: int) -> Piece:
        return Piece(
            start=start,
            text=self.text[start:end],
            claims=self.claims[start],
            quoted=self.quoted[start],
            holder_of=self.holders[start],
            figure=self.figure[start],
        )
