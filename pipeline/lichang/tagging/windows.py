"""Stretches of an article that the encoder reads at once: `<s> title </s> unit </s> unit </s> …`.

Where the stance to a target is asked, the target stands in the title's place, told apart by its token type.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise, starmap
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from lichang.records import SECTIONS, STANCES
from lichang.tagging.linear import HEADS

START, PAD, STOP = 0, 1, 2
TITLE_LIMIT = 40  # tokens of the title that stand before every window
UNIT_LIMIT = 160  # tokens of a unit that are read; 99.9 % of units are shorter
CONTEXT_TYPE = len(SECTIONS)  # token type of the title as context; a unit's type is its section's index
TARGET_TYPE = CONTEXT_TYPE + 1  # of a target that a stance is asked to
TYPES = len(SECTIONS) + 2
OUTPUTS = HEADS | {"stance": STANCES}  # all that the network says of a unit, side by side
_ENDS = [0, *accumulate(map(len, OUTPUTS.values()))]
COLUMNS = dict(zip(OUTPUTS, starmap(slice, pairwise(_ENDS)), strict=True))  # where each head's logits stand
TOKEN_LABELS = ("O", "B-holder", "I-holder", "B-cue", "I-cue")


class Window(NamedTuple):
    """Token ids, their types, and where each unit's tokens lie; a unit's last token is its `</s>`."""

    ids: list[int]
    types: list[int]
    units: list[int]  # which units, by index into the sequence that was cut
    spans: list[tuple[int, int]]  # of each of them, in tokens
    fresh: int  # how many of `units`, from the end, no earlier window of the article held


def cut(
    units: Sequence[Sequence[int]],
    types: Sequence[int],
    title: Sequence[int],
    *,
    budget: int,
    overlap: int = 2,
    title_type: int = CONTEXT_TYPE,
) -> Iterator[Window]:
    """Windows of at most `budget` tokens (or one unit); each begins with `overlap` units of the one before."""
    first, done = 0, 0
    while done < len(units):
        window = _start(title, title_type)
        for index in range(first, len(units)):
            tokens = units[index][:UNIT_LIMIT]
            if index > done and len(window.ids) + len(tokens) >= budget:
                break
            begin = len(window.ids)
            window.ids.extend((*tokens, STOP))
            window.types.extend([types[index]] * (len(tokens) + 1))
            window.units.append(index)
            window.spans.append((begin, len(window.ids)))
        last = window.units[-1] + 1
        yield window._replace(fresh=last - done)
        first, done = max(last - overlap, first + 1), last


def _start(title: Sequence[int], type: int) -> Window:
    ids = [START, *title[:TITLE_LIMIT], STOP] if title else [START]
    return Window(ids, [type] * len(ids), [], [], 0)


class Arrays(NamedTuple):
    """A batch of windows as the network takes it: B windows of L tokens and U units."""

    input_ids: npt.NDArray[np.int64]  # (B, L)
    attention_mask: npt.NDArray[np.int64]  # (B, L)
    token_type_ids: npt.NDArray[np.int64]  # (B, L)
    pool: npt.NDArray[np.float32]  # (B, U, L); a unit's row averages its tokens
    last: npt.NDArray[np.int64]  # (B, U); position of each unit's </s>


def padded(length: int, step: int) -> int:
    """The next multiple of `step`.

    >>> padded(17, 16), padded(16, 16), padded(17, 1)
    (32, 16, 17)
    """
    return -(-length // step) * step


def collate(windows: Sequence[Window], *, step: int = 1) -> Arrays:
    """The windows side by side, padded to the longest one's length, or to the next multiple of `step`."""
    length = padded(max(len(window.ids) for window in windows), step)
    width = max(len(window.units) for window in windows)
    ids = np.full((len(windows), length), PAD, np.int64)
    mask, types = np.zeros_like(ids), np.zeros_like(ids)
    pool = np.zeros((len(windows), width, length), np.float32)
    last = np.zeros((len(windows), width), np.int64)
    for row, window in enumerate(windows):
        size = len(window.ids)
        ids[row, :size], types[row, :size], mask[row, :size] = window.ids, window.types, 1
        for column, (begin, end) in enumerate(window.spans):
            pool[row, column, begin:end] = 1 / (end - begin)
            last[row, column] = end - 1
    return Arrays(ids, mask, types, pool, last)
