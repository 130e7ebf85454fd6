"""Records as Parquet files by date and outlet, on any filesystem that pyarrow knows.

    records/made_by=62d1…/date=2025-12-01/outlet=财新/4af0….parquet   records, as `lichang export` writes them
    copies/made_by=62d1…/90be….parquet                               what was not analysed, and what it is a copy of
    rejected.jsonl                                                   what the last run turned away or gave up

The files are their own checkpoint: an article is done when a record or a copy with its id and content is
there. A file is named after the articles that it was to hold and comes into its place as a whole, so that
what is done again after a node was lost overwrites the same file.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import fs, parquet

from lichang.batch.run import Limits
from lichang.batch.worker import Analyzer
from lichang.cluster.desk import Desk
from lichang.cluster.rows import ARTICLE_ROW, articles_of, rows_of_articles, tell
from lichang.cluster.sources import filesystem_of
from lichang.export.tables import nested_schema
from lichang.records import Article, Provenance, Record, Rejection
from lichang.store.results import decode, provenance_hash
from lichang.store.rows import Waiting

_NONE = "__HIVE_DEFAULT_PARTITION__"  # what readers of such folders take for null
_LONGEST_NAME = 200  # bytes of a folder's name; filesystems take 255
_UNSAFE = re.compile(r"[^\w-]")


class ParquetSink(NamedTuple):
    """A folder of records; small, since it goes to every actor."""

    where: str
    provenance: Provenance

    @property
    def made_by(self) -> str:
        """The folder of what this pipeline made."""
        return f"made_by={provenance_hash(self.provenance)}"

    def known(self) -> npt.NDArray[np.int64]:
        """The content hashes of all articles that are done."""
        filesystem, root = filesystem_of(self.where)
        found = [
            parquet.read_table(filesystem.open_input_file(path), columns=["content"])["content"].to_numpy()
            for part in ("records", "copies")
            for path in _files(filesystem, f"{root}/{part}/{self.made_by}")
        ]
        return np.unique(np.concatenate([np.empty(0, np.int64), *found]))

    def earlier(self) -> list[str]:
        """The files of records that new articles may be copies of."""
        filesystem, root = filesystem_of(self.where)
        return _files(filesystem, f"{root}/records/{self.made_by}")

    def rows_of_earlier(self, path: str) -> pa.Table:
        """The articles of such a file as `ARTICLE_ROW`, in front of all that a run reads."""
        filesystem, _ = filesystem_of(self.where)
        with filesystem.open_input_file(path) as file:
            table = parquet.read_table(
                file, columns=["id", "title", "source", "published", "text", "content"]
            )
        contents = table["content"].to_pylist()
        articles = [msgspec.convert(row, Article) for row in table.drop_columns(["content"]).to_pylist()]
        rows = rows_of_articles(articles, (-1 - (content & (1 << 62) - 1) for content in contents))
        return rows.set_column(ARTICLE_ROW.get_field_index("content"), "content", table["content"])

    def keep_copies(self, copies: pa.Table) -> None:
        """Write down what was not analysed since it is a copy."""
        if len(copies):
            filesystem, root = filesystem_of(self.where)
            name = _name(copies["content"].to_pylist())
            _write(filesystem, f"{root}/copies/{self.made_by}", name, copies.drop_columns(["order"]))

    def keep_rejections(self, rejections: Iterable[Rejection]) -> None:
        """Write down what was turned away, a line each, in the place of what the last run did."""
        filesystem, root = filesystem_of(self.where)
        filesystem.create_dir(root)
        with filesystem.open_output_stream(f"{root}/rejected.jsonl") as file:
            for rejection in rejections:
                file.write(msgspec.json.encode(rejection) + b"\n")


class ParquetAnalyst:
    """The actor: articles in, files written, counts out."""

    def __init__(self, sink: ParquetSink, load: Callable[[], Analyzer], limits: Limits) -> None:
        self._desk = Desk(load, sink.provenance, limits)
        self._filesystem, root = filesystem_of(sink.where)
        self._folder = f"{root}/records/{sink.made_by}"

    def __call__(self, table: pa.Table) -> pa.Table:
        """Analyse a table of `ARTICLE_ROW` and write its records; a row of `RESULT_ROW`."""
        return tell(self._analyze, table)

    def _analyze(self, table: pa.Table) -> tuple[int, list[Rejection]]:
        articles, contents = articles_of(table), table["content"].to_pylist()
        done = self._desk.analyze([Waiting(place, article) for place, article in enumerate(articles)])
        records = {one.document: decode(one.body) for one in done.prepared}
        for folder, places in _by_folder(articles).items():
            made = [(records[place], contents[place]) for place in places if place in records]
            if made:
                name = _name([contents[place] for place in places])  # also of what failed: see above
                _write(self._filesystem, f"{self._folder}/{folder}", name, _table(made))
        paths = table["path"].to_pylist()
        return len(records), [
            Rejection(
                id=articles[one.document].id, where=paths[one.document], reason=one.reason, detail=one.detail
            )
            for one in done.failures
        ]


def _by_folder(articles: Sequence[Article]) -> dict[str, list[int]]:
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, article in enumerate(articles):
        day = article.published[:10] if article.published else None
        places[f"date={_folder_name(day)}/outlet={_folder_name(article.source)}"].append(place)
    return places


def _folder_name(value: str | None) -> str:
    """The value as a folder's name that leads nowhere else; cut where it is too long for one.

    >>> _folder_name("财新"), _folder_name("../etc"), _folder_name(None)
    ('财新', '%2E%2E%2Fetc', '__HIVE_DEFAULT_PARTITION__')
    """
    if not value:
        return _NONE
    name = ""
    for character in value:
        safe = _UNSAFE.sub(lambda found: quote(found[0], safe="").replace(".", "%2E"), character)
        if len((name + safe).encode()) > _LONGEST_NAME:
            break
        name += safe
    return name


def _name(contents: Sequence[int]) -> str:
    hash_ = blake2b(digest_size=16)
    for content in sorted(contents):
        hash_.update(content.to_bytes(8, signed=True))
    return f"{hash_.hexdigest()}.parquet"


def _table(made: Sequence[tuple[Record, int]]) -> pa.Table:
    schema = nested_schema()
    schema = schema.remove(schema.get_field_index("copies")).append(pa.field("content", pa.int64()))
    rows = [msgspec.to_builtins(record) | {"content": content} for record, content in made]
    return pa.Table.from_pylist(rows, schema)


def _write(filesystem: Any, folder: str, name: str, table: pa.Table) -> None:
    """Write a file that appears under its name only when it is complete."""
    filesystem.create_dir(folder)
    part = f"{folder}/.{name}"  # readers of such folders pass it over
    with filesystem.open_output_stream(part) as file:
        parquet.write_table(table, file, compression="zstd")
    filesystem.move(part, f"{folder}/{name}")


def _files(filesystem: Any, folder: str) -> list[str]:
    found = filesystem.get_file_info(fs.FileSelector(folder, recursive=True, allow_not_found=True))
    paths = sorted(one.path for one in found if one.type == fs.FileType.File)
    return [path for path in paths if not path.rsplit("/", 1)[-1].startswith(".")]
