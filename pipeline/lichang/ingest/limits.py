"""How far a packed input may grow: what is a bomb is stopped while it unpacks."""

import io
import os
from typing import IO, Any

FREE = 64 << 20  # bytes that any input may grow to
GROWTH = 100  # times its own size beyond that; news in JSON packs to a tenth


class Overgrown(Exception):
    """An input has grown past what it may; its text says how far."""


class Budget:
    """The bytes that one packed input may still grow by, however many members it has.

    >>> budget = Budget(packed=1000)
    >>> budget.spend(FREE)
    >>> budget.spend(1)
    Traceback (most recent call last):
    ...
    lichang.ingest.limits.Overgrown: 1,000 bytes grow to more than 67,108,864
    """

    def __init__(self, packed: int) -> None:
        self._packed = packed
        self._limit = self._left = max(FREE, GROWTH * packed)

    def spend(self, size: int) -> None:
        """Count bytes that were unpacked. Raises Overgrown when that is too much."""
        self._left -= size
        if self._left < 0:
            raise Overgrown(f"{self._packed:,} bytes grow to more than {self._limit:,}")


class _Meter(io.RawIOBase):
    def __init__(self, stream: IO[bytes] | io.BufferedIOBase, budget: Budget) -> None:
        self._stream, self._budget = stream, budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        self._budget.spend(len(data))
        buffer[: len(data)] = data
        return len(data)


def meter(unpacking: IO[bytes] | io.BufferedIOBase, budget: Budget) -> io.BufferedReader:
    """The stream, raising Overgrown as soon as more comes out of it than the budget has."""
    return io.BufferedReader(_Meter(unpacking, budget), 1 << 16)


def size_of(stream: IO[bytes] | io.BufferedIOBase) -> int:
    """The bytes of a seekable stream, which is at its beginning afterwards."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    return size
