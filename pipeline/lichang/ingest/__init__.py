"""From folders, files and streams to articles: the only way in."""

import glob
import gzip
import io
import os
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator

import msgspec

from lichang.errors import SourceError
from lichang.ingest.html import read_html
from lichang.ingest.lines import open_stream, peek_text
from lichang.ingest.reasons import reject
from lichang.ingest.rows import DEFAULT_FIELDS, Fields, Place, Row, make_article, text_digest
from lichang.ingest.tables import read_csv, read_json, read_jsonl, read_parquet
from lichang.ingest.text import read_markdown, read_text
from lichang.records import Article, Rejection

__all__ = ["READERS", "Fields", "Place", "find_places", "read_articles", "read_place"]

Sources = str | Iterable[str | os.PathLike[str]]
Reader = Callable[[io.BufferedReader, Place, Fields], Iterator[Row | Rejection]]

READERS: dict[str, Reader] = {
    ".txt": read_text,
    ".md": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".xhtml": read_html,
    ".json": read_json,
    ".jsonl": read_jsonl,
    ".jsonl.gz": read_jsonl,
    ".csv": read_csv,
    ".parquet": read_parquet,
}
_STANDARD_INPUT = "-"
_KNOWN = ", ".join(READERS)


def read_articles(sources: Sources, *, fields: Fields = DEFAULT_FIELDS) -> Iterator[Article | Rejection]:
    """The articles of all sources, cleaned, one at a time and in order, and a rejection for what is none.

    A source is a folder (read with its subfolders, by name), a file, a pattern such as ``news/*.txt``, or
    ``-`` for standard input: JSON lines, or the text of one article. Ids are unique in a run: a file that
    brings none gives its name, a row that brings none a digest of its text.

    Raises SourceError at once for a path that is not there and for a file of unknown format.
    """
    rows = (row for found in find_places(sources) for row in _read_found(found, fields))
    return _make_articles(rows, fields)


def find_places(sources: Sources) -> Iterator[Place | Rejection]:
    """The files of all sources, folders opened up, and a rejection for each that no reader takes.

    Raises SourceError as `read_articles` does.
    """
    if isinstance(sources, str):
        sources = [sources]  # else each of its letters would be a path
    places = [place for source in sources for place in _resolve(os.fspath(source))]
    return (found for place in places for found in _open_up(place))


def read_place(place: Place, *, fields: Fields = DEFAULT_FIELDS) -> Iterator[Article | Rejection]:
    """The articles of one file, as `read_articles` gives them; ids are unique in the file."""
    return _make_articles(_read_found(place, fields), fields)


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
    if os.path.isdir(source):
        return [Place(source, "")]
    if os.path.exists(source):
        suffix = _suffix(source)
        if suffix and suffix not in READERS:
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


def _read_found(found: Place | Rejection, fields: Fields) -> Iterator[Row | Rejection]:
    if isinstance(found, Rejection):
        yield found
    elif found.where == _STANDARD_INPUT:
        yield from _read_unnamed(open_stream(sys.stdin.buffer), found, fields)
    else:
        yield from _read_file(found, fields)


def _open_up(place: Place) -> Iterator[Place | Rejection]:
    if place.where != _STANDARD_INPUT and os.path.isdir(place.where):
        return _list_folder(place.where, "")
    return iter((place,))


def _list_folder(folder: str, stem: str) -> Iterator[Place | Rejection]:
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
            yield from _list_folder(entry.path, f"{stem}{entry.name}/")
        elif _suffix(entry.name) not in READERS:
            yield reject(entry.path, "unsupported", suffix=_suffix(entry.name) or entry.name, known=_KNOWN)
        else:
            yield Place(entry.path, stem + _stem(entry.name))


def _read_file(place: Place, fields: Fields) -> Iterator[Row | Rejection]:
    suffix = _suffix(place.where)
    try:
        with open(place.where, "rb") as file:
            stream = open_stream(gzip.GzipFile(fileobj=file) if suffix.endswith(".gz") else file)
            yield from READERS.get(suffix, _read_unnamed)(stream, place, fields)
    except (OSError, EOFError, zlib.error) as error:
        yield reject(place.where, "unreadable", problem=str(error).partition("\n")[0])


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
    return os.path.splitext(stem)[1] + suffix if suffix == ".gz" else suffix


def _stem(path: str) -> str:
    name = os.path.basename(path)
    return name[: len(name) - len(_suffix(path))]
