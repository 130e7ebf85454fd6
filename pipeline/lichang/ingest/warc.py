"""Crawls: the web pages of a WARC file, an article a response."""

import io
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lichang.ingest.html import read_page
from lichang.ingest.reasons import MAX_BYTES, reject
from lichang.ingest.rows import Fields, Place, Row
from lichang.records import Rejection

if TYPE_CHECKING:
    from warcio.recordloader import ArcWarcRecord  # type: ignore[import-untyped]

_PAGES = {"text/html", "application/xhtml+xml"}
_RECORD_END = b"\r\n\r\n"


def read_warc(stream: io.BufferedReader, place: Place, fields: Fields) -> Iterator[Row | Rejection]:
    """The pages that were fetched with success, in the crawl's order; their address is their id.

    Pictures, redirects and requests, which a crawl is full of, are passed over.
    """
    from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]
    from warcio.exceptions import ArchiveLoadFailed  # type: ignore[import-untyped]

    watch = _Watch(stream)
    problem = ""
    try:
        for record in ArchiveIterator(watch):
            if _is_page(record):
                yield _read(record, place, fields)
    except (ArchiveLoadFailed, OSError, EOFError, ValueError) as error:
        problem = str(error).partition("\n")[0]
    except (AttributeError, TypeError):  # what warcio raises for headers that are none
        problem = "it has a record without proper headers"
    problem = watch.problem or problem
    if watch.tail not in (b"", _RECORD_END):  # warcio takes a cut record for a short one
        problem = problem or "it ends in the middle of a record"
    if problem:
        yield reject(place.where, "unreadable", problem=problem)
    elif not watch.tail:
        yield reject(place.where, "empty")


class _Watch:
    """The stream as warcio reads it, its last bytes, and what went wrong.

    Raises ValueError for what goes on without a line end, which warcio would take quadratic time for.
    """

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream
        self._line = 0
        self.problem = ""
        self.tail = b""

    def read(self, size: int = -1) -> bytes:
        try:
            data = self._stream.read(size)
        except (OSError, EOFError, zlib.error) as error:  # which warcio takes for the end
            self.problem = str(error)
            raise
        self.tail = (self.tail + data[-len(_RECORD_END) :])[-len(_RECORD_END) :]
        self._line = len(data) - data.rfind(b"\n") - 1 if b"\n" in data else self._line + len(data)
        if self._line > MAX_BYTES:
            raise ValueError(f"no line end within {MAX_BYTES:,} bytes")
        return data

    def close(self) -> None:
        """warcio closes what it reads; the stream is not ours to close."""


def _is_page(record: "ArcWarcRecord") -> bool:
    if record.rec_type not in ("response", "resource"):
        return False
    headers = record.http_headers
    if headers is None:
        return _media_type(record.rec_headers.get_header("Content-Type")) in _PAGES
    return headers.get_statuscode() == "200" and _media_type(headers.get_header("Content-Type")) in _PAGES


def _read(record: "ArcWarcRecord", place: Place, fields: Fields) -> Row | Rejection:
    url = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>")
    where = f"{place.where}#{url}"
    data = record.content_stream().read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        return reject(where, "too-large")
    row = read_page(data, Place(where, place.stem), fields, charset=_charset(record), url=url or None)
    if not isinstance(row, Row) or row.values.get(fields.source):
        return row
    return row._replace(
        values={**row.values, fields.source: _host(url)}, origin={**row.origin, "source": "address"}
    )


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _charset(record: "ArcWarcRecord") -> str | None:
    header: str = (record.http_headers and record.http_headers.get_header("Content-Type")) or ""
    name = header.lower().partition("charset=")[2].partition(";")[0].strip(" \"'")
    return name or None


def _media_type(header: str | None) -> str:
    return (header or "").partition(";")[0].strip().lower()
