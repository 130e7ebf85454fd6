"""What a figure measures: the few words of its sentence that say so.

Each word of the sentence gets the log odds of belonging to the subject, a sum of learned weights for its
place, itself and its neighbours (``subject.json``, by ``python -m lichang.figures.train``). The words
taken are those with the best expected overlap with what an annotator would write.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from importlib import resources
from math import exp
from operator import mul
from typing import NamedTuple

import msgspec

from lichang.words import Segmenter, load

_END = re.compile(r"[。！？；\n]")
_REACH = 80  # characters before a figure that may name what it measures, and half as many behind
_SIGNS = frozenset("，,、：:；;。！？!?—-–…·~～（）()[]【】「」“”『』\"'《》〈〉/／|｜　 ")
_BREAKS = frozenset("，,：:；;—")


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
        sign = word in _SIGNS
        found.append(Token(start, start + len(word), word, sign, word.isascii() and not sign))
        start += len(word)
    return found


# ------------------------------------------------------------------ what is said for a word
class Said(NamedTuple):
    """What the weights see of one candidate word of one figure."""

    at: int  # index of the token
    word: str
    following: str  # the next token
    left: str  # the tokens beside the figure
    right: str
    kind: str  # of the figure
    place: str  # B before or A behind the figure, and how many clauses away
    distance: int  # in tokens, coarser from 8 on
    figures: int  # between the word and the figure, at most 2
    latin: bool
    closed: bool  # a sign stands right behind the figure


def said(sentence: Sequence[Token], at: int, spot: Spot) -> list[Said]:
    """The candidates for the subject of the figure ``sentence[at]``, in order."""
    last = len(sentence)
    left = sentence[at - 1].word if at else "<s>"
    right = sentence[at + 1].word if at + 1 < last else "</s>"
    closed = at + 1 == last or sentence[at + 1].sign
    found: list[Said] = []
    for side, step, stop, reach in (("B", -1, -1, _REACH), ("A", 1, last, _REACH // 2)):
        breaks = figures = 0
        place = f"{side}0"
        for i in range(at + step, stop, step):
            token = sentence[i]
            if (spot.start - token.end if step < 0 else token.start - spot.end) > reach:
                break
            if token.sign:
                if token.word in _BREAKS and breaks < 3:
                    breaks += 1
                    place = f"{side}{breaks}"
                continue
            following = "<f>" if i + 1 == at else sentence[i + 1].word if i + 1 < last else "</s>"
            distance = _BUCKETS[min(abs(i - at), 20)]
            found.append(
                Said(
                    i,
                    token.word,
                    following,
                    left,
                    right,
                    spot.kind,
                    place,
                    distance,
                    figures,
                    token.latin,
                    closed,
                )
            )
            if figures < 2 and token.word[0] == "<":
                figures += 1
    found.sort()
    return found


_BUCKETS = [*range(8), *[8] * 4, *[9] * 8, 10]


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


def _following(word: str, place: str, kind: str) -> Names:
    return f"n={word}|{place[0]}", f"n={word}|{kind}|{place}"


def _left(word: str, place: str, distance: int) -> Names:
    return f"left={word}|{place}", f"left={word}|{place[0]}{distance}"


def _right(word: str, place: str, distance: int) -> Names:
    return f"right={word}|{place}", f"right={word}|{place[0]}{distance}"


def _where(kind: str, place: str, distance: int, figures: int, latin: bool, closed: bool) -> Names:
    return (
        f"{kind}|{place}",
        f"{kind}|{place[0]}{distance}",
        f"{place}|{distance}",
        f"{kind}|{place}|{distance}",
        f"figures{figures}|{place}|{kind}",
        f"figures{figures}|{place[0]}|{distance}",
        f"latin{latin:d}|{place}|{kind}",
        f"close{closed:d}|{place}|{kind}|{distance}",
    )


def names(s: Said) -> list[str]:
    """Everything that is said for a candidate, as the weights are keyed."""
    return [
        *_itself(s.word, s.place, s.kind),
        *_following(s.following, s.place, s.kind),
        *_left(s.left, s.place, s.distance),
        *_right(s.right, s.place, s.distance),
        *_where(s.kind, s.place, s.distance, s.figures, s.latin, s.closed),
    ]


# ------------------------------------------------------------------ the choice
@cache
def _weights() -> dict[str, float]:
    data = resources.files(__package__).joinpath("subject.json").read_bytes()
    return msgspec.json.decode(data, type=dict[str, float])


def _summed(group: Callable[..., Names]) -> Callable[..., float]:
    """The weights of a group of names as one number, remembered: texts repeat themselves."""

    @lru_cache(maxsize=1 << 16)
    def total(*parts: object) -> float:
        weight = _weights().get
        return sum([weight(name, 0.0) for name in group(*parts)])

    return total


_of_itself, _of_following = _summed(_itself), _summed(_following)
_of_left, _of_right, _of_where = _summed(_left), _summed(_right), _summed(_where)


def _odds(s: Said) -> float:
    """The log odds that a candidate belongs to the subject, but for the bias."""
    return (
        _of_itself(s.word, s.place, s.kind)
        + _of_following(s.following, s.place, s.kind)
        + _of_left(s.left, s.place, s.distance)
        + _of_right(s.right, s.place, s.distance)
        + _of_where(s.kind, s.place, s.distance, s.figures, s.latin, s.closed)
    )


@cache
def _segmenter() -> Segmenter:
    return load()


def chosen(lengths: Sequence[int], odds: Sequence[float]) -> list[int]:
    """The indexes whose expected Dice overlap with the true subject is best, in order.

    >>> chosen([2, 1, 4], [2.0, -3.0, 1.0])
    [0, 2]
    """
    chances = [1 / (1 + exp(-x)) if x > -30 else 0.0 for x in odds]
    expected = sum(map(mul, chances, lengths))
    best, taken, hits, size = 0.0, 0, 0.0, 0
    order = sorted(range(len(chances)), key=chances.__getitem__, reverse=True)
    for count, i in enumerate(order, 1):
        chance, length = chances[i], lengths[i]
        hits, size = hits + chance * length, size + length
        overlap = 2 * hits / (size + expected)
        if overlap > best:
            best, taken = overlap, count
        elif 2 * chance < best:
            break  # words less likely than this lower the overlap from here on
    return sorted(order[:taken])


def subjects(text: str, plain: str, spots: Sequence[Spot]) -> list[str | None]:
    """What each figure measures, in words of ``text``; None where its sentence has no words.

    ``plain`` is ``fold(text)`` and ``spots`` the figures in order.
    """
    bias = _weights().get("", 0.0)
    answers: list[str | None] = []
    for spot, sentence, at in laid_out(plain, spots, _segmenter()):
        candidates = said(sentence, at, spot)
        odds = [bias + _odds(candidate) for candidate in candidates]
        lengths = [sentence[candidate.at].end - sentence[candidate.at].start for candidate in candidates]
        answers.append(_joined(text, sentence, [candidates[k].at for k in chosen(lengths, odds)]))
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
