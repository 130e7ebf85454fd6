"""What a figure measures: the few words of its sentence that say so.

Each word of the sentence gets the log odds of belonging to the subject, a sum of learned weights for its
place, itself and its neighbours (``subject.json``, by ``python -m lichang.figures.train``). The words
taken are those with the best expected overlap with what an annotator would write.
"""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

import msgspec

from lichang.words import Segmenter, load

_END = re.compile(r"[。！？；\n]")
_REACH = 80  # characters before a figure that may name what it measures, and half as many behind
_SIGNS = frozenset("，,、：:；;。！？!?—-–…·~～（）()[]【】「」“”『』\"'《》〈〉/／|｜　 ")
_BREAKS = frozenset("，,：:；;—")
_LATIN = re.compile(r"[A-Za-z0-9.+-]+\Z")


class Token(NamedTuple):
    """A word of a sentence, or a whole figure, whose ``word`` is then its kind in angle brackets."""

    start: int
    end: int
    word: str
    sign: bool = False
    latin: bool = False


class Spot(NamedTuple):
    """A figure as its subject is looked for: where it stands, its kind and its unit."""

    start: int
    end: int
    kind: str
    unit: str | None


Names = tuple[str, ...]


def tokens(plain: str, spots: Sequence[Spot], start: int, end: int, segmenter: Segmenter) -> list[Token]:
    """The words of ``plain[start:end]``, each figure inside it one token."""
    found: list[Token] = []
    at = start
    for spot in spots:
        found += _words(plain, at, spot.start, segmenter)
        found.append(Token(spot.start, spot.end, f"<{spot.kind}>"))
        at = spot.end
    return found + _words(plain, at, end, segmenter)


def _words(plain: str, start: int, end: int, segmenter: Segmenter) -> list[Token]:
    found = []
    for word in segmenter.cut(plain[start:end]) if start < end else ():
        found.append(Token(start, start + len(word), word, word in _SIGNS, bool(_LATIN.match(word))))
        start += len(word)
    return found


# ------------------------------------------------------------------ what is said for a word
def _place(kind: str, place: str, distance: int) -> Names:
    return (
        f"{kind}|{place}",
        f"{kind}|{place[0]}{distance}",
        f"{place}|{distance}",
        f"{kind}|{place}|{distance}",
    )


def _itself(word: str, place: str, kind: str) -> Names:
    size = min(len(word), 5)
    return (
        f"w={word}",
        f"w={word}|{place}",
        f"w={word}|{kind}",
        f"{place}|size{size}",
        f"last={word[-1]}|{place[0]}|{size}",
        f"first={word[0]}|{place[0]}",
    )


def _previous(word: str, place: str, kind: str) -> Names:
    return f"p={word}|{place[0]}", f"p={word}|{kind}|{place}"


def _following(word: str, place: str, kind: str) -> Names:
    return f"n={word}|{place[0]}", f"n={word}|{kind}|{place}"


def _left(word: str, place: str, distance: int) -> Names:
    return f"left={word}|{place}", f"left={word}|{place[0]}{distance}"


def _right(word: str, place: str, distance: int) -> Names:
    return f"right={word}|{place}", f"right={word}|{place[0]}{distance}"


def _between(figures: int, place: str, kind: str, distance: int, latin: bool, sign: bool) -> Names:
    return (
        f"figures{figures}|{place}|{kind}",
        f"figures{figures}|{place[0]}|{distance}",
        f"latin{latin:d}|{place}|{kind}",
        f"close{sign:d}|{place}|{kind}|{distance}",
    )


def _unit(unit: str | None, place: str) -> Names:
    return (f"unit={unit}|{place}",)


Group = tuple[Callable[..., Names], tuple[object, ...]]


def groups(sentence: Sequence[Token], at: int, spot: Spot) -> list[tuple[int, tuple[Group, ...]]]:
    """The candidates for the subject of the figure ``sentence[at]``: index and what is said for each."""
    left = sentence[at - 1].word if at else "<s>"
    right = sentence[at + 1].word if at + 1 < len(sentence) else "</s>"
    right_sign = at + 1 == len(sentence) or sentence[at + 1].sign
    found = []
    for side, step, stop, reach in (("B", -1, -1, _REACH), ("A", 1, len(sentence), _REACH // 2)):
        breaks = figures = 0
        for i in range(at + step, stop, step):
            token = sentence[i]
            if max(spot.start - token.end, token.start - spot.end) > reach:
                break
            if token.sign:
                breaks += token.word in _BREAKS
                continue
            place, distance = f"{side}{min(breaks, 3)}", _bucket(abs(i - at))
            previous = sentence[i - 1].word if i and i - 1 != at else "<f>" if i else "<s>"
            following = (
                sentence[i + 1].word
                if i + 1 < len(sentence) and i + 1 != at
                else "<f>"
                if i + 1 == at
                else "</s>"
            )
            said: tuple[Group, ...] = (
                (_place, (spot.kind, place, distance)),
                (_itself, (token.word, place, spot.kind)),
                (_previous, (previous, place, spot.kind)),
                (_following, (following, place, spot.kind)),
                (_left, (left, place, distance)),
                (_right, (right, place, distance)),
                (_between, (min(figures, 2), place, spot.kind, distance, token.latin, right_sign)),
                (_unit, (spot.unit, place)),
            )
            found.append((i, said))
            figures += token.word[0] == "<"
    found.sort(key=lambda pair: pair[0])
    return found


def _bucket(distance: int) -> int:
    return distance if distance < 8 else 8 if distance < 12 else 9 if distance < 20 else 10


# ------------------------------------------------------------------ the choice
@cache
def _weights() -> dict[str, float]:
    data = resources.files(__package__).joinpath("subject.json").read_bytes()
    return msgspec.json.decode(data, type=dict[str, float])


@lru_cache(maxsize=1 << 17)
def _sum(group: Callable[..., Names], said: tuple[object, ...]) -> float:
    weights = _weights()
    return sum(weights.get(name, 0.0) for name in group(*said))


@cache
def _segmenter() -> Segmenter:
    return load()


def chosen(lengths: Sequence[int], odds: Sequence[float]) -> list[int]:
    """The indexes whose expected Dice overlap with the true subject is best, in order.

    >>> chosen([2, 1, 4], [2.0, -3.0, 1.0])
    [0, 2]
    """
    chances = [1 / (1 + math.exp(-max(-30.0, min(30.0, x)))) for x in odds]
    expected = sum(p * size for p, size in zip(chances, lengths, strict=True))
    order = sorted(range(len(odds)), key=lambda i: -chances[i])
    best, taken, hits, size = 0.0, 0, 0.0, 0
    for count, i in enumerate(order, 1):
        hits, size = hits + chances[i] * lengths[i], size + lengths[i]
        if 2 * hits / (size + expected) > best:
            best, taken = 2 * hits / (size + expected), count
    return sorted(order[:taken])


def subjects(text: str, plain: str, spots: Sequence[Spot]) -> list[str | None]:
    """What each figure measures, in words of ``text``; None where its sentence has no words.

    ``plain`` is ``fold(text)`` and ``spots`` the figures in order.
    """
    bias = _weights().get("", 0.0)
    answers: list[str | None] = []
    for spot, sentence, at in laid_out(plain, spots, _segmenter()):
        candidates = groups(sentence, at, spot)
        odds = [bias + sum(_sum(group, said) for group, said in about) for _, about in candidates]
        lengths = [sentence[i].end - sentence[i].start for i, _ in candidates]
        answers.append(_joined(text, sentence, [candidates[k][0] for k in chosen(lengths, odds)]))
    return answers


def laid_out(
    plain: str, spots: Sequence[Spot], segmenter: Segmenter
) -> Iterator[tuple[Spot, list[Token], int]]:
    """Each figure with the tokens of its sentence, and its own place among them."""
    for first, last in _by_sentence(plain, spots):
        inside = spots[first:last]
        start = max(_sentence_start(plain, inside[0].start), inside[0].start - 2 * _REACH)
        match = _END.search(plain, inside[-1].end, inside[-1].end + _REACH)
        end = match.start() if match else min(len(plain), inside[-1].end + _REACH)
        sentence = tokens(plain, inside, start, end, segmenter)
        index = {token.start: i for i, token in enumerate(sentence)}
        for spot in inside:
            yield spot, sentence, index[spot.start]


def _sentence_start(plain: str, at: int) -> int:
    low = max(0, at - 2 * _REACH)
    return max((plain.rfind(sign, low, at) for sign in "。！？；\n"), default=-1) + 1 or low


def _by_sentence(plain: str, spots: Sequence[Spot]) -> list[tuple[int, int]]:
    """Runs of figures that share a sentence, as index ranges."""
    runs: list[tuple[int, int]] = []
    first = 0
    for i in range(1, len(spots) + 1):
        if i == len(spots) or _END.search(plain, spots[i - 1].end, spots[i].start):
            runs.append((first, i))
            first = i
    return runs


def _joined(text: str, sentence: Sequence[Token], taken: Sequence[int]) -> str | None:
    """The chosen words as printed; a 的 or a blank that joins two of them comes along."""
    parts: list[str] = []
    for place, i in enumerate(taken):
        if place and i - taken[place - 1] == 2 and sentence[i - 1].word in ("的", " "):
            parts.append(text[sentence[i - 1].start : sentence[i - 1].end])
        parts.append(text[sentence[i].start : sentence[i].end])
    return "".join(parts) or None
