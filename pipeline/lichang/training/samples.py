"""From passages to what a training step reads: windows of tokens with their labels, like lengths side by side."""

import math
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from tokenizers import Tokenizer

from lichang.tagging.windows import TOKEN_LABELS, Window, cut, padded
from lichang.training.passages import IGNORE, Labelled, Passage, focus, vary
from lichang.training.recipe import Recipe
from lichang.training.targets import ask

STEP = 16  # lengths are padded to multiples of it: each new shape is a new kernel to compile and new holes in the heap


class Sample(msgspec.Struct, frozen=True):
    """A window with what is to be learnt from it."""

    window: Window
    labels: list[tuple[int, ...]]  # of each unit
    tokens: list[int]  # of each token


class Sampler:
    """Cuts passages into samples; keeps the tokenizer."""

    def __init__(self, tokenizer: Any) -> None:
        """`tokenizer` is a `tokenizers.Tokenizer`."""
        self.tokenizer = tokenizer

    def epoch(
        self,
        groups: Sequence[Sequence[Passage]],
        irrelevant: Sequence[Passage],
        pairs: Sequence[Passage],
        recipe: Recipe,
        rng: random.Random,
    ) -> list[Sample]:
        """Each passage once, varied; `groups` holds the passages of one article each, `pairs` texts under targets."""
        samples: list[Sample] = []
        for group in groups:
            passages = rng.sample(group, len(group))
            if rng.random() < recipe.focus:
                passages = [focused for passage in passages if (focused := focus(passage, rng)).units]
            passages = [vary(passage, rng) for passage in passages]
            if not passages:
                continue
            units = tuple(unit for passage in passages for unit in passage.units)
            samples += self.cut(Passage(passages[0].title, units), rng.randint(96, recipe.budget))
            for alone in rng.sample(units, math.ceil(len(units) * recipe.alone_share)):
                samples += self.cut(Passage(passages[0].title, (alone,)), recipe.budget)
            if rng.random() < recipe.asked_share:
                for asked in ask(units, rng):
                    samples += self.cut(asked, recipe.budget)
        wanted = len(samples) * recipe.irrelevant_share
        for passage in rng.sample(irrelevant, len(irrelevant)):
            if wanted <= 0:
                break
            windows = list(self.cut(passage, rng.randint(96, recipe.budget)))
            chosen = rng.sample(windows, min(2, len(windows)))
            samples += chosen
            wanted -= len(chosen)
        most = int(len(samples) * recipe.pair_share) if groups else len(pairs)
        for passage in rng.sample(pairs, min(most, len(pairs))):
            samples += self.cut(passage, recipe.budget)
        return samples

    def cut(self, passage: Passage, budget: int, overlap: int = 0) -> Iterator[Sample]:
        """The passage in windows of `budget` tokens."""
        encoded = self.tokenizer.encode_batch([u.text for u in passage.units], add_special_tokens=False)
        title = self.tokenizer.encode(passage.title, add_special_tokens=False).ids if passage.title else []
        ids, types = [e.ids for e in encoded], [unit.type for unit in passage.units]
        windows = cut(ids, types, title, budget=budget, overlap=overlap, title_type=passage.title_type)
        for window in windows:
            tokens = [IGNORE] * len(window.ids)
            for index, (begin, end) in zip(window.units, window.spans, strict=True):
                unit = passage.units[index]
                if unit.tagged:
                    tokens[begin : end - 1] = token_labels(unit, encoded[index].offsets)[: end - 1 - begin]
            yield Sample(window, [passage.units[i].labels for i in window.units], tokens)


def sampler_of(base: Path) -> Sampler:
    """A sampler with the tokenizer in the model folder `base`."""
    return Sampler(Tokenizer.from_file(str(base / "tokenizer.json")))


def token_labels(unit: Labelled, offsets: Sequence[tuple[int, int]]) -> list[int]:
    """Index into TOKEN_LABELS of each token: whether it shares a character with a span, and begins it."""
    labels = [0] * len(offsets)
    for start, end, kind in unit.spans:
        inside = [i for i, (a, b) in enumerate(offsets) if a < end and b > start]
        for i in inside:
            labels[i] = TOKEN_LABELS.index(f"I-{kind}")
        if inside:
            labels[inside[0]] = TOKEN_LABELS.index(f"B-{kind}")
    return labels


def batches(samples: Sequence[Sample], tokens: int, rng: random.Random) -> list[list[Sample]]:
    """Samples of like length together, at most `tokens` a batch with padding, batches in random order."""
    by_length: dict[int, list[Sample]] = {}
    for sample in rng.sample(samples, len(samples)):
        by_length.setdefault(padded(len(sample.window.ids), STEP), []).append(sample)
    result = []
    for length, alike in by_length.items():
        size = max(1, tokens // length)
        result += [alike[first : first + size] for first in range(0, len(alike), size)]
    rng.shuffle(result)
    return result
