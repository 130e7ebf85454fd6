"""From folders, files and streams to articles: the only way in."""

import glob
import gzip
import io
import os
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import IO

import msgspec

from lichang.errors import SourceError
from lichang.ingest.archives import read_tar, read_zip
from lichang.ingest.feeds import list_feeds, read_feed, read_json_or_feed
from lichang.ingest.html import read_html, read_page
from lichang.ingest.limits import Budget, Overgrown, meter, size_of
from lichang.ingest.lines import open_stream, peek_text
from lichang.ingest.office import MAX_FILE, read_docx, read_xlsx
from lichang.ingest.pdf import read_pdf
from lichang.ingest.reasons import reject
from lichang.ingest.rows import DEFAULT_FIELDS, Fields, Place, Row, make_article, text_digest
from lichang.ingest.tables import read_csv, read_json, read_jsonl, read_parquet
from lichang.ingest.text import read_markdown, read_text, read_whole
from lichang.ingest.warc import read_warc
from lichang.records import Article, Rejection

__all__ = ["READERS", "Fields", "Place", "find_places", "read_articles", "read_place"]

Sources = str | Iterable[str | os.PathLike[str]]
Reader = Callable[[io.BufferedReader, Place, Fields], Iterator[Row | Rejection]]
OpenFile = Callable[[str], IO[bytes]]  # a seekable stream of what is at a place

READERS: dict[str, Reader] = {
    ".txt": read_text,
    ".md": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".xhtml": read_html,
    ".json": read_json_or_feed,
    ".jsonl": read_jsonl,
    ".jsonl.gz": read_jsonl,
    ".csv": read_csv,
    ".parquet": read_parquet,
    ".rss": read_feed,
    ".atom": read_feed,
    ".xml": read_feed,
    ".warc": read_warc,
    ".warc.gz": read_warc,
    ".docx": read_docx,
    ".xlsx": read_xlsx,
    ".pdf": read_pdf,
}
_ARCHIVES = {
    ".zip": read_zip,
    ".tar": read_tar,
    ".tar.gz": read_tar,
    ".tgz": read_tar,
    ".tar.bz2": read_tar,
    ".tar.xz": read_tar,
}
_LIST = ".opml"  # of feeds, which stand for it as files stand for a folder
_STANDARD_INPUT = "-"
_SUFFIXES = (*READERS, *_ARCHIVES, _LIST)
_KNOWN = ", ".join(_SUFFIXES)
_PACKED = (".gz", ".bz2", ".xz")
_ADDRESS = ("http://", "https://")
_PAGES = ("text/html", "application/xhtml+xml")
_SUFFIX_OF = {
    "application/rss+xml": ".rss",
    "application/atom+xml": ".atom",
    "application/xml": ".xml",
    "text/xml": ".xml",
    "application/json": ".json",
    "application/feed+json": ".json",
    "application/pdf": ".pdf",
}


def read_articles(
    sources: Sources, *, fields: Fields = DEFAULT_FIELDS, fetch: bool = False
) -> Iterator[Article | Rejection]:
    """The articles of all sources, cleaned, one at a time and in order, and a rejection for what is none.

    A source is a folder (read with its subfolders, by name), a file, a pattern such as ``news/*.txt``, an
    address, or ``-`` for standard input: JSON lines, or the text of one article. Ids are unique in a run:
    a file that brings none gives its name, a row that brings none a digest of its text. Addresses, also
    those in an OPML list, are read only with ``fetch``.

    Raises SourceError at once for a path that is not there and for a file of unknown format.
    """
    rows = (row for found in find_places(sources, fetch=fetch) for row in _read_found(found, fields))
    return _make_articles(rows, fields)


def find_places(sources: Sources, *, fetch: bool = False) -> Iterator[Place | Rejection]:
    """The files and addresses of all sources, folders and lists opened up, and a rejection for each that no
    reader takes.

    Raises SourceError as `read_articles` does.
    """
    if isinstance(sources, str):
        sources = [sources]  # else each of its letters would be a path
    places = [place for source in sources for place in _resolve(os.fspath(source))]
    return (found for place in places for found in _open_up(place, fetch))


def _open_local(path: str) -> IO[bytes]:
    return open(path, "rb")


def read_place(
    place: Place, *, fields: Fields = DEFAULT_FIELDS, open_file: OpenFile = _open_local
) -> Iterator[Article | Rejection]:
    """The articles of one file, as `read_articles` gives them; ids are unique in the file.

    `open_file` is for files elsewhere, on a filesystem of pyarrow.
    """
    return _make_articles(_read_found(place, fields, open_file), fields)


def _make_articles(rows: Iterable[Row | Rejection], fields: Fields) -> Iterator[Article | Rejection]:
    seen: dict[int, int] = {}  # hashes of id and text, since a run may have millions
    for row in rows:
        if isinstance(row, Row):
            article = make_article(row, fields)
            yield _admit(article, row, seen) if isinstance(article, Article) else article
        else:
            yield row


def _admit(article: Article, row: Row, seen: dict[int, int]) -> Article | Rejection:
    """The article, under a longer id if only a file's name was taken; or its rejection as a duplicate."""
    key, text = hash(article.id), hash(article.text)
    if key not in seen:
        seen[key] = text
        return article
    if seen[key] == text:
        return reject(row.where, "duplicate", id=article.id)
    if article.id == row.id:
        longer = f"{article.id}-{text_digest(article.text)}"
        return _admit(msgspec.structs.replace(article, id=longer), row, seen)
    return reject(row.where, "duplicate-id", id=article.id)


def _resolve(source: str) -> list[Place]:
    if source == _STANDARD_INPUT:
        return [Place(source, "stdin")]
    if source.startswith(_ADDRESS):
        return [Place(source, source)]
    if os.path.isdir(source):
        return [Place(source, "")]
    if os.path.exists(source):
        suffix = _suffix(source)
        if suffix and suffix not in _SUFFIXES:
            raise SourceError(
                f"{source}: '{suffix}' is not a format that lichang reads; expected one of {_KNOWN}"
            )
        return [Place(source, _stem(source))]
    matches = sorted(glob.glob(source, recursive=True)) if glob.has_magic(source) else []
    if not matches:
        raise SourceError(
            f"{source}: no such file or folder; expected a path, a pattern or - for standard input"
        )
    return [Place(match, "" if os.path.isdir(match) else _stem(match)) for match in matches]


def _read_found(
    found: Place | Rejection, fields: Fields, open_file: OpenFile = _open_local
) -> Iterator[Row | Rejection]:
    if isinstance(found, Rejection):
        yield found
    elif found.where == _STANDARD_INPUT:
        yield from _read_unnamed(open_stream(sys.stdin.buffer), found, fields)
    else:
        yield from _read_file(found, fields, open_file)


def _open_up(place: Place, fetch: bool) -> Iterator[Place | Rejection]:
    if place.where == _STANDARD_INPUT:
        return iter((place,))
    if place.where.startswith(_ADDRESS):
        return iter((place if fetch else reject(place.where, "not-fetched"),))
    if os.path.isdir(place.where):
        return _list_folder(place.where, "", fetch)
    return _list_addresses(place, fetch) if _suffix(place.where) == _LIST else iter((place,))


def _list_folder(folder: str, stem: str, fetch: bool) -> Iterator[Place | Rejection]:
    """All files below, by name; hidden ones and links to folders are passed over, as in a shell pattern."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield reject(folder, "unreadable", problem=str(error.strerror))
        return
    shown = [entry for entry in entries if not entry.name.startswith(".")]
    if not shown:
        yield reject(folder, "empty")
    for entry in shown:
        if entry.is_dir(follow_symlinks=False):
            yield from _list_folder(entry.path, f"{stem}{entry.name}/", fetch)
        elif _suffix(entry.name) not in _SUFFIXES:
            yield _unsupported(entry.path)
        else:
            yield from _open_up(Place(entry.path, stem + _stem(entry.name)), fetch)


def _list_addresses(place: Place, fetch: bool) -> Iterator[Place | Rejection]:
    """The feeds of an OPML list."""
    try:
        with open(place.where, "rb") as file:
            data = read_whole(open_stream(file))
    except OSError as error:
        yield reject(place.where, "unreadable", problem=str(error.strerror))
        return
    found = reject(place.where, "too-large") if data is None else list_feeds(data, place.where)
    if isinstance(found, Rejection):
        yield found
        return
    for address in found:
        if address.startswith(_ADDRESS):
            yield from _open_up(Place(address, address), fetch)
        else:
            yield reject(f"{place.where}#{address[:200]}", "not-feed", found="no http address")


def _unsupported(path: str) -> Rejection:
    return reject(path, "unsupported", suffix=_suffix(path) or os.path.basename(path), known=_KNOWN)


def _read_file(place: Place, fields: Fields, open_file: OpenFile) -> Iterator[Row | Rejection]:
    try:
        if place.where.startswith(_ADDRESS):
            yield from _read_address(place, fields)
        else:
            with open_file(place.where) as file:
                yield from _read_stream(file, place, fields)
    except Overgrown as error:
        yield reject(place.where, "bomb", problem=str(error))
    except (OSError, EOFError, zlib.error) as error:
        yield reject(place.where, "unreadable", problem=str(error).partition("\n")[0])


def _read_stream(stream: IO[bytes], place: Place, fields: Fields) -> Iterator[Row | Rejection]:
    """What a seekable stream holds, by the suffix of its name. Raises Overgrown for a bomb."""
    suffix = _suffix(place.where)
    if suffix in _ARCHIVES:
        return _ARCHIVES[suffix](open_stream(stream), place, fields, read_member=_read_member)
    if suffix.endswith(".gz"):
        stream = meter(gzip.GzipFile(fileobj=stream), Budget(size_of(stream)))
    return READERS.get(suffix, _read_unnamed)(open_stream(stream), place, fields)


def _read_member(stream: io.BufferedReader, place: Place, fields: Fields) -> Iterator[Row | Rejection]:
    """A file of an archive, by the suffix of its name."""
    suffix = _suffix(place.where)
    place = Place(place.where, place.stem[: len(place.stem) - len(suffix)])
    if suffix in _ARCHIVES:
        return iter((reject(place.where, "nested"),))
    if suffix not in READERS:
        return iter((_unsupported(place.where),))
    if not suffix.endswith((".gz", ".parquet")):
        return READERS[suffix](stream, place, fields)
    data = stream.read(MAX_FILE + 1)  # these are read back and forth, or grow
    if len(data) > MAX_FILE:
        return iter((reject(place.where, "too-large"),))
    return _read_stream(io.BytesIO(data), place, fields)


def _read_address(place: Place, fields: Fields) -> Iterator[Row | Rejection]:
    """What the address holds, by what its server calls it. Raises OSError where that is nothing."""
    from lichang.ingest.fetch import fetch  # ssl takes a tenth of a second to import

    page = fetch(place.where)
    if page.media_type in _PAGES:
        return iter((read_page(page.data, place, fields, charset=page.charset, url=page.url),))
    stream = open_stream(io.BytesIO(page.data))
    return READERS[_SUFFIX_OF.get(page.media_type, ".txt")](stream, place, fields)


def _read_unnamed(stream: io.BufferedReader, place: Place, fields: Fields) -> Iterator[Row | Rejection]:
    """What has no suffix to tell its format: JSON lines, a JSON document, or text."""
    first, _, rest = peek_text(stream).lstrip().partition("\n")
    if first.startswith("{") and (first.rstrip().endswith("}") or not rest):
        return read_jsonl(stream, place, fields)
    if first.startswith(("{", "[{")) or first.strip() == "[":
        return read_json(stream, place, fields)
    return read_text(stream, place, fields)


def _suffix(path: str) -> str:
    """The lower-case suffix, of two parts for what is compressed; empty if there is none."""
    stem, suffix = os.path.splitext(os.path.basename(path).lower())
    return os.path.splitext(stem)[1] + suffix if suffix in _PACKED else suffix


def _stem(path: str) -> str:
    name = os.path.basename(path)
    return name[: len(name) - len(_suffix(path))]
