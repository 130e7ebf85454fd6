"""Inputs as a batch run sees them: what has changed since it was read, and what is in it."""

import os
from collections.abc import Iterable, Iterator
from hashlib import file_digest
from itertools import islice

import msgspec

from lichang import __version__
from lichang.ingest import Fields, Place, find_places, read_place
from lichang.records import Article, Rejection
from lichang.store.documents import InputState

_STANDARD_INPUT = "-"
_CHUNK = 64  # articles that are entered together; no more are in memory for one input


class Chunk(msgspec.Struct, frozen=True):
    """Some of what an input holds, in its order."""

    articles: list[Article]
    rejections: list[Rejection]


def path_of(place: Place) -> str:
    """The name of an input in the store: the same from every folder that lichang is started in."""
    if place.where == _STANDARD_INPUT or "://" in place.where:
        return place.where
    return os.path.abspath(place.where)


def total_bytes(sources: Iterable[str]) -> int:
    """The size of all files, for a progress bar."""
    return sum(size_of(found) for found in find_places(sources) if isinstance(found, Place))


def size_of(place: Place) -> int:
    """Bytes of a file; 0 for a stream, an address and what is gone."""
    try:
        return os.stat(place.where).st_size
    except OSError:
        return 0


def state_of(place: Place, known: InputState | None, fields: Fields) -> InputState | None:
    """What tells a file from a later one under its name; None for a stream, an address and what is gone.

    Its bytes are hashed only where size or date differ from what is known.
    """
    try:
        stat = os.stat(place.where)
        if known is not None and (known.size, known.mtime_ns) == (stat.st_size, stat.st_mtime_ns):
            hash_ = known.hash
        else:
            with open(place.where, "rb") as file:
                hash_ = file_digest(file, "blake2b").hexdigest()[:32]
    except OSError:
        return None  # the reader will say what is wrong with it
    return InputState(stat.st_size, stat.st_mtime_ns, hash_, f"{__version__} {fields}")


def is_same_content(state: InputState | None, known: InputState | None) -> bool:
    """Would reading the file again give what it gave?"""
    return (
        state is not None and known is not None and (state.hash, state.reader) == (known.hash, known.reader)
    )


def chunks(place: Place, fields: Fields) -> Iterator[Chunk]:
    """What a file holds, a few dozen articles at a time."""
    found = read_place(place, fields=fields)
    while some := list(islice(found, _CHUNK)):
        articles = [one for one in some if isinstance(one, Article)]
        yield Chunk(articles, [one for one in some if isinstance(one, Rejection)])
