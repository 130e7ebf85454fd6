"""Many articles a file: JSON lines, JSON, CSV and Parquet, a row at a time."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import msgspec

from lichang.ingest.lines import Line, peek_encoding, read_lines
from lichang.ingest.reasons import MAX_BYTES, Reason, reject
from lichang.ingest.rows import Fields, Place, Row, describe
from lichang.ingest.text import decode_whole
from lichang.records import Rejection

_BATCH = 64  # rows of Parquet in memory at a time
_BUFFER = 1 << 16  # bytes; else, as with pre-buffering and threads, pyarrow holds a whole row group
_DELIMITERS = ",\t;|"


def read_jsonl(stream: io.BufferedReader, place: Place, fields: Fields) -> Iterator[Row | Rejection]:
    """One article a line; blank lines are passed over."""
    encoding, reason = peek_encoding(stream)
    if encoding is None:
        yield reject(place.where, reason or "encoding")
        return
    for line in read_lines(stream, encoding):
        where = f"{place.where}:{line.number}"
        if line.trouble:
            yield reject(where, line.trouble)
        elif line.text.strip():
            yield _row_of_json(line.text, where, place.stem, None, fields)


def read_json(stream: io.BufferedReader, place: Place, fields: Fields) -> Iterator[Row | Rejection]:
    """One article, or a list of them."""
    text = decode_whole(stream, place.where)
    if isinstance(text, Rejection):
        yield text
    elif text.lstrip().startswith("["):
        try:
            rows = decode_json(text)
        except ValueError as error:
            yield reject(place.where, "not-json", problem=str(error))
            return
        assert isinstance(rows, list)
        for number, value in enumerate(rows, 1):
            yield _row(value, f"{place.where}:[{number}]", place.stem, None, fields)
    else:
        yield _row_of_json(text, place.where, place.stem, place.stem, fields)


def decode_json(text: str) -> object:
    """What the JSON says; lone surrogates, NaN and raw control characters pass, as scrapers write them.

    Raises ValueError, with the problem, for anything else that is no JSON.
    """
    try:
        return msgspec.json.decode(text)
    except (ValueError, RecursionError):  # msgspec's errors are ValueErrors
        pass
    try:
        return json.loads(text, strict=False)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} at character {error.pos + 1}") from None


def lay_out(paragraphs: Any) -> str | None:
    """The text of a gold article: units joined, paragraphs a line each; None if it is none.

    >>> lay_out([{"units": [{"text": "甲。"}, {"text": "乙。"}]}, {"units": [{"text": "丙。"}]}])
    '甲。乙。\\n丙。'
    """
    try:
        return "\n".join("".join(unit["text"] for unit in paragraph["units"]) for paragraph in paragraphs)
    except (TypeError, KeyError, IndexError):
        return None


def _row_of_json(text: str, where: str, stem: str, id: str | None, fields: Fields) -> Row | Rejection:
    try:
        return _row(decode_json(text), where, stem, id, fields)
    except ValueError as error:
        return reject(where, "not-json", problem=str(error))


def _row(value: object, where: str, stem: str, id: str | None, fields: Fields) -> Row | Rejection:
    if not isinstance(value, dict):
        return reject(where, "not-json", problem=f"found {describe(value)}")
    if fields.text not in value and "paragraphs" in value:
        value[fields.text] = lay_out(value["paragraphs"])
    return Row(where, stem, id, value)


def read_csv(stream: io.BufferedReader, place: Place, fields: Fields) -> Iterator[Row | Rejection]:
    """One article a row; the first row names the columns, and comma, tab, ; or | stand between them."""
    encoding, reason = peek_encoding(stream)
    if encoding is None:
        yield reject(place.where, reason or "encoding")
        return
    # The limit is the process's; 131,072 characters, the default, are less than a long article.
    csv.field_size_limit(max(csv.field_size_limit(), 2 * MAX_BYTES))
    feed = _Feed(read_lines(stream, encoding))
    header = next(feed, "")
    table = csv.reader([header], delimiter=max(_DELIMITERS, key=header.count))
    columns = [name.strip() for name in next(table, [])]
    if not columns:
        yield reject(place.where, "empty")
    elif fields.text not in columns:
        yield no_column(place, columns, fields)
    else:
        yield from _read_cells(feed, columns, table.dialect, place)


def _read_cells(feed: "_Feed", columns: list[str], dialect: Any, place: Place) -> Iterator[Row | Rejection]:
    table = csv.reader(feed, dialect)
    while True:
        where = f"{place.where}:{feed.begin_row()}"
        try:
            cells = next(table)
        except StopIteration:
            return
        except csv.Error as error:
            yield reject(where, "bad-row", problem=str(error))
            continue
        if feed.trouble:
            yield reject(where, feed.trouble)
        elif len(cells) > len(columns):
            yield reject(where, "bad-row", problem=f"{len(cells)} cells under {len(columns)} columns")
        elif cells:
            yield Row(where, place.stem, None, dict(zip(columns, cells, strict=False)))


class _Feed:
    """Lines for the csv reader, which joins those of one row: at most ``MAX_BYTES`` characters of them.

    From what is beyond that, and from lines in trouble, only an odd quotation mark is passed on, so that
    the row ends where it ends.
    """

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines = lines
        self._read = 0
        self._size = 0
        self.trouble: Reason | None = None

    def begin_row(self) -> int:
        """Forget the last row; the number of the line that the next one begins on."""
        self._size, self.trouble = 0, None
        return self._read + 1

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        self._read, text, trouble = next(self._lines)
        self._size += len(text) + 1
        self.trouble = self.trouble or trouble or ("too-large" if self._size > MAX_BYTES else None)
        return '"' * (text.count('"') % 2) if self.trouble else text + "\n"


def read_parquet(stream: io.BufferedReader, place: Place, fields: Fields) -> Iterator[Row | Rejection]:
    """One article a row; only the columns that are needed are read."""
    import pyarrow
    from pyarrow import parquet

    try:
        table = parquet.ParquetFile(stream, buffer_size=_BUFFER, pre_buffer=False)
        columns = table.schema_arrow.names
        if fields.text not in columns:
            yield no_column(place, columns, fields)
            return
        wanted = [name for name in vars(fields).values() if name in columns]
        number = 0
        for batch in table.iter_batches(_BATCH, columns=wanted, use_threads=False):
            for index in range(batch.num_rows):
                number += 1
                where = f"{place.where}:{number}"
                try:
                    values = {name: batch.column(name)[index].as_py() for name in wanted}
                except UnicodeDecodeError:
                    yield reject(where, "encoding")
                else:
                    yield Row(where, place.stem, None, values)
    except pyarrow.ArrowException as error:
        problem = str(error).partition("\n")[0].rstrip(". ")
        yield reject(place.where, "unreadable", problem=problem)


def no_column(place: Place, columns: list[str], fields: Fields) -> Rejection:
    """The rejection of a table that has no column of texts, with what it has."""
    found = "the columns " + ", ".join(describe(name) for name in columns[:10])
    return reject(place.where, "no-text", field=fields.text, found=found)
