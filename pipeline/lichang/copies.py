"""Which articles are copies of one another: the same text, or nearly so, whatever its script and outlet.

An article is folded to its bare characters and cut into overlapping shingles; copies share most of them
(Jaccard similarity). To find the few texts worth comparing among many, each has a MinHash signature, cut
into bands: near texts have some band in common, others hardly ever. What shares a band is then compared
for real, so that the signatures cost no precision.

A database keeps ``fingerprint(text)`` and its ``bands``, finds candidates by them and asks ``best_match``;
``CopyIndex`` is the same in memory. Either compares a text with the first of its kind only, never with a
copy of it: each match can be checked against the article that stays, and no chain of small changes joins
two that differ.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from hashlib import blake2b
from typing import Generic, NamedTuple, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt
from rensa import RMinHash  # type: ignore[import-untyped]

from lichang.script import normalize_width, simplify

THRESHOLD = 0.32  # Jaccard similarity; the middle of the gap in the first half of tests/cases/copies.json
SAME_NUMBERS = 0.6  # share of the numbers of the text that has fewer
CROWD = 1000  # texts in one band: their common part is a notice that thousands carry
CANDIDATES = 20  # texts that are compared for real, those with the most common bands first

BANDS = 32
# Two signatures agree in about as many of their values as their texts in shingles; this is two and a half standard
# deviations below the threshold, where one copy in 160 would be missed. Of the 252 copies in
# tests/cases/copies.json none lies below 0.45.
WORTH_A_LOOK = 0.2

_SHINGLE = 6  # characters; with fewer, articles on one event come near
_ROWS = 3  # values in a band: two texts that share half of their shingles share a band in 98.6 % of cases
_SEED = 20251210
METHOD = f"shingles of {_SHINGLE}, rensa {RMinHash.ALGORITHM_VERSION}, {BANDS} bands of {_ROWS}, 1"

_NO_CHARACTERS = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"(?<![a-z\d])\d+")  # not that of H20
_FEW_NUMBERS = 3  # say nothing
_BASE = np.uint64(0x9E3779B97F4A7C15)

Key = TypeVar("Key", bound=Hashable)


class Fingerprint(msgspec.Struct, frozen=True):
    """What is kept of a text to find its copies; comparable only with those of the same ``METHOD``."""

    exact: bytes  # 16 bytes: equal for texts that are the same but for script, width, marks and blanks
    minhash: bytes  # 4 bytes a value, little-endian


class Match(msgspec.Struct, Generic[Key], frozen=True):
    """The text that another one is a copy of."""

    original: Key
    similarity: float  # Jaccard, of shingles; 1.0 where the folded texts are equal


class Profile(NamedTuple):
    """What two texts are compared by."""

    shingles: npt.NDArray[np.uint64]  # hashes, sorted, each once
    numbers: frozenset[str]


def fold(text: str) -> str:
    """The bare characters of a text: simplified, half-width, lower case, no punctuation, no blanks.

    >>> fold("「輝達」的 Ｈ２０，\\n不賣了！")
    '辉达的h20不卖了'
    """
    return _NO_CHARACTERS.sub("", simplify(normalize_width(text)).lower())


def fingerprint(text: str) -> Fingerprint:
    """The hash and the signature of a text.

    >>> fingerprint("「輝達」不賣了！").exact == fingerprint("“辉达”不卖了").exact
    True
    """
    return _fingerprint(fold(text))


def bands(minhash: bytes) -> list[int]:
    """The bands of a signature, as signed 64-bit integers; near texts have one or more in common."""
    values = np.frombuffer(minhash, "<u4").reshape(BANDS, _ROWS)
    numbers = np.arange(1, BANDS + 1, dtype=np.uint64)  # so that equal values in other bands are other keys
    return [int(key) for key in _band_keys(numbers, values)]


def band(minhashes: npt.NDArray[np.uint32], number: int) -> npt.NDArray[np.int64]:
    """One band, from 0, of many signatures, an array of shape ``(n, BANDS * 3)``: a key each, as in `bands`.

    >>> minhash = fingerprint("卖次级芯片，让对手上瘾").minhash
    >>> [int(band(np.frombuffer(minhash, "<u4").reshape(1, -1), n)[0]) for n in range(32)] == bands(minhash)
    True
    """
    numbers = np.full(len(minhashes), number + 1, np.uint64)
    return _band_keys(numbers, minhashes[:, number * _ROWS : (number + 1) * _ROWS])


def _band_keys(numbers: npt.NDArray[np.uint64], values: npt.NDArray[np.uint32]) -> npt.NDArray[np.int64]:
    keys = numbers
    for row in range(_ROWS):
        keys = _mix((keys ^ values[:, row].astype(np.uint64)) * _BASE)
    return keys.view(np.int64)


def profile(text: str) -> Profile:
    """What a text is compared by."""
    return _profile(fold(text))


def similarity(a: Profile, b: Profile) -> float:
    """The Jaccard similarity of two texts, 0 to 1: their common shingles among all that they have.

    >>> a, b = profile("卖次级芯片，让对手上瘾"), profile("賣次級晶片讓對手上癮！")
    >>> similarity(a, a), similarity(a, b) < 0.3
    (1.0, True)
    """
    common = len(np.intersect1d(a.shingles, b.shingles, assume_unique=True))
    return common / (len(a.shingles) + len(b.shingles) - common)


def is_copy(a: Profile, b: Profile, likeness: float) -> bool:
    """Whether texts of this similarity are copies: the like with other numbers fills the same form.

    >>> june = profile("据统计局，6月全国居民消费价格同比涨0.1%，环比降0.2%，城市涨0.3%，农村降0.4%。")
    >>> july = profile("据统计局，7月全国居民消费价格同比涨2.6%，环比降1.5%，城市涨2.7%，农村降1.8%。")
    >>> is_copy(june, june, 0.9), is_copy(june, july, 0.9)
    (True, False)
    """
    if likeness < THRESHOLD:
        return False
    fewer = min(len(a.numbers), len(b.numbers))
    return fewer < _FEW_NUMBERS or len(a.numbers & b.numbers) >= SAME_NUMBERS * fewer


def best_match(text: str, candidates: Iterable[tuple[Key, str]]) -> Match[Key] | None:
    """The candidate that the text is a copy of, the most similar if there are several."""
    own = profile(text)
    best: Match[Key] | None = None
    for key, other in candidates:
        theirs = profile(other)
        likeness = similarity(own, theirs)
        if (best is None or likeness > best.similarity) and is_copy(own, theirs, likeness):
            best = Match(key, likeness)
    return best


class CopyIndex(Generic[Key]):
    """Originals in memory, about 15 kB for one of 1,000 characters.

    >>> index = CopyIndex[str]()
    >>> index.add("a", "卖次级芯片，让中国开发者对美国技术上瘾。")
    >>> index.add("b", "賣次級芯片，讓中國開發者對美國技術上癮")
    Match(original='a', similarity=1.0)
    >>> index.add("c", "全面断供，只会逼出华为。")
    """

    def __init__(self) -> None:
        self._exact: dict[bytes, Key] = {}
        self._profiles: dict[Key, Profile] = {}
        self._bands: defaultdict[int, list[Key]] = defaultdict(list)

    def add(self, key: Key, text: str) -> Match[Key] | None:
        """The original that the text is a copy of; if there is none, it is one itself from now on."""
        folded = fold(text)
        own = _profile(folded)
        found = _fingerprint(folded, own.shingles)
        if found.exact in self._exact:
            return Match(self._exact[found.exact], 1.0)
        keys = bands(found.minhash)
        match = self._compare(own, keys)
        if match is None:
            self._exact[found.exact] = key
            self._profiles[key] = own
            for band in keys:
                if len(self._bands[band]) < CROWD:
                    self._bands[band].append(key)
        return match

    def _compare(self, own: Profile, keys: Iterable[int]) -> Match[Key] | None:
        shared = Counter(key for band in keys for key in self._bands.get(band, ()))
        matches = []
        for key, _ in shared.most_common(CANDIDATES):
            likeness = similarity(own, self._profiles[key])
            if is_copy(own, self._profiles[key], likeness):
                matches.append(Match(key, likeness))
        return max(matches, key=lambda match: match.similarity, default=None)


def _fingerprint(folded: str, shingles: npt.NDArray[np.uint64] | None = None) -> Fingerprint:
    hashes = _hash_shingles(folded) if shingles is None else shingles
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(hashes, [0, len(hashes)], BANDS * _ROWS, _SEED)
    values = np.array(matrix.to_rows()[0], "<u4")
    return Fingerprint(blake2b(folded.encode(), digest_size=16).digest(), values.tobytes())


def _profile(folded: str) -> Profile:
    return Profile(_hash_shingles(folded), frozenset(_NUMBER.findall(folded)))


def _hash_shingles(folded: str) -> npt.NDArray[np.uint64]:
    """A hash of each run of characters, sorted, each once; one of the whole text if it is too short."""
    codes = np.frombuffer(folded.encode("utf-32-le"), "<u4").astype(np.uint64)
    if len(codes) < _SHINGLE:
        codes = np.pad(codes, (0, _SHINGLE - len(codes)))
    count = len(codes) - _SHINGLE + 1
    hashes = np.zeros(count, np.uint64)
    for place in range(_SHINGLE):
        hashes = hashes * _BASE + codes[place : place + count]
    hashes = np.sort(_mix(hashes))
    once: npt.NDArray[np.uint64] = hashes[np.append(True, hashes[1:] != hashes[:-1])]
    return once  # np.unique takes five times as long


def _mix(hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Spread each value's bits over the whole of it, one to one."""
    hashes = (hashes ^ (hashes >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    return hashes ^ (hashes >> np.uint64(33))
