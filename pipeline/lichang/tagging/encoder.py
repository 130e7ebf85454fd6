"""The careful tagger: a small BERT that reads whole stretches of an article, run by onnxruntime."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from lichang.errors import ModelError
from lichang.records import SECTIONS, STANCES, Article, Unit
from lichang.tagging import Batch, Probabilities, Tag, linear
from lichang.tagging.folder import Folder
from lichang.tagging.linear import HEADS, softmax
from lichang.tagging.view import View, view
from lichang.tagging.windows import (
    COLUMNS,
    CONTEXT_TYPE,
    TARGET_TYPE,
    TOKEN_LABELS,
    Window,
    collate,
    cut,
)

Span = tuple[int, int]
Floats = npt.NDArray[np.float32]
Wanted = npt.NDArray[np.bool_]  # which units are to be read

# Of windows side by side, with padding; what more of them hold between layers leaves the cache.
BATCH_TOKENS = 512
PART = 1024  # units of an article that are seen and cut at a time: memory stays flat however long it is
TOGETHER = 4096  # units whose windows are sorted by length


class Reading(NamedTuple):
    """What the network says of one unit."""

    probabilities: dict[str, Floats]  # per head of HEADS, calibrated
    holders: tuple[Span, ...]  # spans of the article
    cues: tuple[Span, ...]


class Part(NamedTuple):
    """Units of an article that are read together."""

    article: int  # its index in the batch
    units: slice
    wanted: Wanted | None  # which of them; None: all


class EncoderTagger:
    """The model that `lichang train camps --tagger encoder` wrote."""

    name = "encoder"

    def __init__(self, path: Path) -> None:
        """`path` is a model folder; raises ModelError. Runs on OMP_NUM_THREADS threads, by default on all cores."""
        import onnxruntime
        from tokenizers import Tokenizer

        folder = Folder(path)
        try:
            self.tokenizer = Tokenizer.from_file(str(path / "tokenizer.json"))
        except Exception as error:  # tokenizers raises nothing narrower
            raise ModelError(f"{path}/tokenizer.json cannot be read ({error}); reinstall lichang") from error
        options = onnxruntime.SessionOptions()
        # Cores that share a matrix wait for one another: each has windows of its own.
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(
            folder.weights, options, providers=["CPUExecutionProvider"]
        )
        self.threads = ThreadPoolExecutor(int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1))
        self.version = folder.version
        self.budget: int = folder.config["window"]
        self.overlap: int = folder.config["overlap"]
        self.temperatures: dict[str, float] = folder.config["temperatures"]

    def tag(self, batch: Batch, counted: Probabilities | None = None) -> list[list[Tag]]:
        """One list of tags an article, one tag a unit, in order."""
        return [[make_tag(reading) for reading in readings if reading] for readings in self.read(batch)]

    def read(self, batch: Batch, chosen: Sequence[Wanted] | None = None) -> list[list[Reading | None]]:
        """The readings of each article's units, in order.

        Where `chosen` marks the units of each article that are wanted, the others have None. Wanted units are read
        side by side, as if nothing stood between them: they share a title, and explain one another.
        """
        found: list[list[Reading | None]] = [[None] * len(units) for _, units in batch]
        for parts in _together(_parts(batch, chosen)):
            pages = [
                Page(batch[part.article][0], batch[part.article][1][part.units], self.tokenizer, part.wanted)
                for part in parts
            ]
            for i, index, logits, marks in self._run(pages):
                part = parts[i]
                found[part.article][part.units.start + index] = self._reading(logits, marks, pages[i], index)
        return found

    def stances(self, article: Article, units: Sequence[Unit], target: str) -> Floats:
        """Probabilities of each unit's stance to `target`, shape `(n_units, 3)`, columns as STANCES.

        Raises ModelError where the model was trained without targets.
        """
        if "stance" not in self.temperatures:
            raise ModelError(
                "this encoder was trained without targets; run `lichang train camps --tagger encoder` again"
            )
        page = Page(article, units, self.tokenizer, target=target)
        found = np.zeros((len(units), len(STANCES)), np.float32)
        for _, index, logits, _ in self._run([page]):
            found[index] = softmax(logits[COLUMNS["stance"]] / self.temperatures["stance"])
        return found

    def _run(self, pages: Sequence["Page"]) -> Iterator[tuple[int, int, Floats, npt.NDArray[np.int64]]]:
        """(page, unit, the unit's logits, the likeliest mark of each of its tokens) for every unit of the pages."""
        windows = [
            (i, window) for i, page in enumerate(pages) for window in page.cut(self.budget, self.overlap)
        ]
        groups = list(alike(windows))
        for group, (units, tokens) in zip(groups, self.threads.map(self._ask, groups), strict=True):
            for row, (i, window) in enumerate(group):
                for column in range(len(window.units) - window.fresh, len(window.units)):
                    begin, end = window.spans[column]
                    marks = tokens[row, begin : end - 1].argmax(1)
                    yield i, window.units[column], units[row, column], marks

    def _ask(self, group: list[tuple[int, Window]]) -> tuple[Floats, Floats]:
        """The network's two outputs for a few windows."""
        arrays = collate([window for _, window in group])
        units, tokens = self.session.run(None, arrays._asdict())
        return units, tokens

    def _reading(self, logits: Floats, marks: npt.NDArray[np.int64], page: "Page", index: int) -> Reading:
        probabilities = {head: softmax(logits[COLUMNS[head]] / self.temperatures[head]) for head in HEADS}
        spans = {kind: tuple(page.printed(index, marks, kind)) for kind in ("holder", "cue")}
        return Reading(probabilities, spans["holder"], spans["cue"])


class Page:
    """One article, its units seen and cut into tokens; under its title, or under a target that is asked about."""

    def __init__(
        self,
        article: Article,
        units: Sequence[Unit],
        tokenizer: Any,
        chosen: Wanted | None = None,
        *,
        target: str | None = None,
    ) -> None:
        self.units = units
        self.chosen = np.ones(len(units), bool) if chosen is None else chosen
        self.views = [
            view(article.text[unit.start : unit.end] if wanted else "")
            for unit, wanted in zip(units, self.chosen, strict=True)
        ]
        self.encoded = tokenizer.encode_batch([seen.text for seen in self.views], add_special_tokens=False)
        self.title_type = CONTEXT_TYPE if target is None else TARGET_TYPE
        title = view((article.title if target is None else target) or "").text
        self.title = tokenizer.encode(title, add_special_tokens=False).ids

    def cut(self, budget: int, overlap: int) -> Iterator[Window]:
        """The windows to read."""
        read = self.chosen.nonzero()[0].tolist()
        windows = cut(
            [self.encoded[index].ids for index in read],
            [SECTIONS.index(self.units[index].section) for index in read],
            self.title,
            budget=budget,
            overlap=overlap,
            title_type=self.title_type,
        )
        for window in windows:
            yield window._replace(units=[read[index] for index in window.units])

    def printed(self, index: int, marks: npt.NDArray[np.int64], kind: str) -> Iterator[Span]:
        """Spans of the article that the marks of a unit's tokens call holder, or cue."""
        seen: View = self.views[index]
        offsets = self.encoded[index].offsets
        for first, last in runs(marks.tolist(), kind):
            begin, end = offsets[first][0], offsets[last][1]
            while begin < end and seen.text[begin].isspace():
                begin += 1
            if begin < end:
                start, stop = seen.printed(begin, end)
                yield self.units[index].start + start, self.units[index].start + stop


def _parts(batch: Batch, chosen: Sequence[Wanted] | None) -> Iterator[Part]:
    """The articles of the batch, long ones in parts."""
    for i, (_, units) in enumerate(batch):
        for first in range(0, len(units), PART):
            own = slice(first, min(len(units), first + PART))
            yield Part(i, own, None if chosen is None else chosen[i][own])


def _together(parts: Iterator[Part]) -> Iterator[list[Part]]:
    """The parts in groups of about TOGETHER units."""
    group: list[Part] = []
    units = 0
    for part in parts:
        group.append(part)
        units += part.units.stop - part.units.start
        if units >= TOGETHER:
            yield group
            group, units = [], 0
    if group:
        yield group


def runs(marks: Sequence[int], kind: str) -> Iterator[tuple[int, int]]:
    """First and last token of each run of `kind`; a run may begin without its B, as a tired annotator's would.

    >>> list(runs([1, 2, 0, 3, 1, 1, 2], "holder")), list(runs([1, 2, 0, 3], "cue"))
    ([(0, 1), (4, 4), (5, 6)], [(3, 3)])
    """
    begins, inside = TOKEN_LABELS.index(f"B-{kind}"), TOKEN_LABELS.index(f"I-{kind}")
    first: int | None = None
    for position, mark in enumerate([*marks, 0]):
        if first is not None and mark != inside:
            yield first, position - 1
            first = None
        if mark == begins or (mark == inside and first is None):
            first = position


def alike(windows: list[tuple[int, Window]]) -> Iterator[list[tuple[int, Window]]]:
    """Windows of like length together, at most BATCH_TOKENS with padding."""
    group: list[tuple[int, Window]] = []
    for entry in sorted(windows, key=lambda entry: len(entry[1].ids)):
        if group and len(entry[1].ids) * (len(group) + 1) > BATCH_TOKENS:
            yield group
            group = []
        group.append(entry)
    if group:
        yield group


def make_tag(reading: Reading) -> Tag:
    """The likeliest label of each head, and whom and what the network marks."""
    return linear.make_tag(
        *(reading.probabilities[head] for head in HEADS), holders=reading.holders, cues=reading.cues
    )
