"""Lines of text from a stream of bytes, whatever its encoding, without reading more than a line ahead."""

import codecs
import gzip
import io
from collections import Counter
from collections.abc import Iterator
from typing import IO, NamedTuple, cast

from lichang.ingest.encodings import Verdict, detect_encoding
from lichang.ingest.reasons import MAX_BYTES, Reason

_UNDECODABLE = "\udcff"  # a lone surrogate: no decoder yields one for valid bytes
_HEAD = 1 << 16  # bytes that the encoding is told by


def _mark_undecodable(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return _UNDECODABLE, error.end


codecs.register_error("lichang-mark", _mark_undecodable)


class Line(NamedTuple):
    """A line without its end, and what is wrong with it.

    Of a line that is too large only a quotation mark stays, if it holds an odd number of them: a table
    needs it to know where the cell ends.
    """

    number: int  # from 1
    text: str
    trouble: Reason | None = None


def open_stream(stream: IO[bytes] | gzip.GzipFile) -> io.BufferedReader:
    """The stream with ``peek``, which files and pipes have and ``BytesIO`` has not."""
    if isinstance(stream, io.BufferedReader):
        return stream
    return io.BufferedReader(cast(io.RawIOBase, stream), _HEAD)


def peek_encoding(stream: io.BufferedReader) -> Verdict:
    """The encoding of what comes next; a broken line does not hide that of the others."""
    head = stream.peek(_HEAD)[:_HEAD]
    verdict = detect_encoding(head, whole=False)
    if verdict.reason != "encoding":
        return verdict
    lines = head.splitlines()[:100]
    told = (detect_encoding(line).encoding for line in lines if not line.isascii())
    if common := Counter(filter(None, told)).most_common(1):
        return Verdict(common[0][0])
    return Verdict("utf-8") if any(map(bytes.isascii, lines)) else verdict


def peek_text(stream: io.BufferedReader) -> str:
    """What comes next, as far as one read gives it; empty if that is no text."""
    encoding = peek_encoding(stream).encoding
    return stream.peek(_HEAD)[:_HEAD].decode(encoding, "replace") if encoding else ""


def read_lines(stream: io.BufferedReader, encoding: str) -> Iterator[Line]:
    """All lines, blank ones too; each is at most ``MAX_BYTES`` characters in memory."""
    text = io.TextIOWrapper(stream, encoding, errors="lichang-mark", newline="\n")
    try:
        number = 0
        while line := text.readline(MAX_BYTES):
            number += 1
            if line.endswith("\n"):
                line = line[:-1].removesuffix("\r")
            elif len(line) == MAX_BYTES:
                yield Line(number, _skip_line(text, line.count('"')), "too-large")
                continue
            yield Line(number, line, "encoding" if _UNDECODABLE in line else None)
    finally:
        text.detach()  # else it would close the stream, which may be standard input


def _skip_line(text: io.TextIOWrapper, quotes: int) -> str:
    while piece := text.readline(MAX_BYTES):
        quotes += piece.count('"')
        if piece.endswith("\n"):
            break
    return '"' * (quotes % 2)
