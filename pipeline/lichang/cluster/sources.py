"""Files on any filesystem that pyarrow knows: the folder of all nodes, s3://…, gs://…, hdfs://…"""

import os
from collections.abc import Iterable, Iterator
from typing import IO, Any, NamedTuple, cast

import pyarrow as pa
from pyarrow import fs

from lichang.errors import SourceError
from lichang.ingest import Fields, Place, read_place
from lichang.ingest.reasons import reject
from lichang.records import Article, Rejection

# Many articles a file, each with an id or address of its own; single pages are better packed first.
FORMATS = (".jsonl", ".jsonl.gz", ".parquet", ".warc", ".warc.gz")


class File(NamedTuple):
    """A file, wherever it is; small and plain, since it goes to other nodes."""

    source: str  # the source that it was found by: names the filesystem, with its options
    path: str  # on that filesystem
    where: str  # for a person
    stem: str  # stands for it in ids, as in `lichang.ingest.Place`
    size: int  # bytes
    mtime_ns: int  # 0 where the filesystem keeps no dates


def find_files(sources: Iterable[str]) -> Iterator[File | Rejection]:
    """The files of all sources, folders opened up and in order, and a rejection for what is of another format.

    Raises SourceError for a source that is not there or on a filesystem that pyarrow does not know.
    """
    for source in sources:
        filesystem, path = filesystem_of(source)
        try:
            info = filesystem.get_file_info(path)
            if info.type == fs.FileType.NotFound:
                raise SourceError(f"{source}: no such file or folder; every node has to see it there")
            if info.type == fs.FileType.File:
                yield _file(source, filesystem, info, folder=os.path.dirname(path))
                continue
            found = filesystem.get_file_info(fs.FileSelector(path, recursive=True))
        except OSError as error:
            raise SourceError(f"{source}: cannot be listed: {error}; check its name and rights") from error
        inside = [one for one in found if one.type == fs.FileType.File and not _is_hidden(one.path, path)]
        for info in sorted(inside, key=lambda one: one.path):
            yield _file(source, filesystem, info, folder=path)


def filesystem_of(where: str) -> tuple[Any, str]:
    """The filesystem that a path or address names, and the path on it; raises SourceError for none."""
    if "://" not in where:
        where = os.path.abspath(where)
    try:
        filesystem, path = fs.FileSystem.from_uri(where)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise SourceError(
            f"{where}: no filesystem that pyarrow knows: {error}; name a path, s3://…, gs://… or hdfs://…"
        ) from error
    return filesystem, path


def read_file(file: File, fields: Fields, filesystem: Any = None) -> Iterator[Article | Rejection]:
    """The articles of a file, as `lichang.ingest.read_articles` gives them; a filesystem that is at hand is used."""
    if filesystem is None:
        filesystem, _ = filesystem_of(file.source)

    def open_file(_: str) -> IO[bytes]:
        return cast(IO[bytes], filesystem.open_input_file(file.path))

    return read_place(Place(file.where, file.stem), fields=fields, open_file=open_file)


def _file(source: str, filesystem: Any, info: Any, folder: str) -> File | Rejection:
    where = info.path if filesystem.type_name == "local" else f"{filesystem.type_name}://{info.path}"
    suffix = next((known for known in FORMATS if info.path.lower().endswith(known)), None)
    if suffix is None:
        found = os.path.splitext(info.path)[1] or os.path.basename(info.path)
        return reject(where, "unsupported", suffix=found, known=", ".join(FORMATS))
    stem = os.path.relpath(info.path, folder or ".")[: -len(suffix)]
    return File(source, info.path, where, stem, info.size, info.mtime_ns or 0)


def _is_hidden(path: str, folder: str) -> bool:
    return any(part.startswith((".", "_")) for part in path[len(folder) :].split("/"))
