"""Archives: the files in a zip or tar, read where they are. Nothing is ever unpacked to disk."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO

from lichang.clean import clean_line
from lichang.ingest.encodings import detect_encoding
from lichang.ingest.limits import Budget, meter, size_of
from lichang.ingest.reasons import reject
from lichang.ingest.rows import Fields, Place, Row
from lichang.records import Rejection

ReadMember = Callable[[io.BufferedReader, Place, Fields], Iterator[Row | Rejection]]

_UNPACKERS: dict[str, Callable[[IO[bytes]], IO[bytes] | io.BufferedIOBase]] = {
    ".gz": lambda file: gzip.GzipFile(fileobj=file),
    ".tgz": lambda file: gzip.GzipFile(fileobj=file),
    ".bz2": bz2.BZ2File,
    ".xz": lzma.LZMAFile,
}
# What unpacking raises for damaged data and for a method that Python lacks.
_DAMAGE = (
    OSError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    tarfile.TarError,
    NotImplementedError,
)
_BAD_LIST = (*_DAMAGE, ValueError, struct.error)  # names that cannot be decoded, fields cut short
_MAX_DIRECTORY = 16 << 20  # bytes: 160,000 files; Python holds all their names in memory
_DIRECTORY_END = struct.Struct("<4s4H2LH")
_DIRECTORY_END_64 = struct.Struct("<4sQ2H2L4Q")
_MAX_COMMENT = 0xFFFF
_FAR = 0xFFFFFFFF  # the number stands in the 64-bit record


def read_zip(
    stream: io.BufferedReader, place: Place, fields: Fields, *, read_member: ReadMember
) -> Iterator[Row | Rejection]:
    """The articles of all files in the archive, in its order; ``read_member`` reads each by its name.

    Raises Overgrown for a bomb.
    """
    budget = Budget(size_of(stream))
    try:
        if _directory_size(stream) > _MAX_DIRECTORY:
            yield reject(place.where, "too-large")
            return
        archive = zipfile.ZipFile(stream)
    except _BAD_LIST as error:
        yield reject(place.where, "unreadable", problem=_describe(error))
        return
    members = [info for info in archive.infolist() if not info.is_dir()]
    if not members:
        yield reject(place.where, "empty")
    for info in members:
        name = _name_of(info)
        if _is_hidden(name):
            continue
        if info.flag_bits & 1:
            yield reject(_where(place, name), "encrypted")
            continue
        try:
            with archive.open(info) as file:
                yield from _read(meter(file, budget), name, place, fields, read_member)
        except _DAMAGE as error:
            yield reject(_where(place, name), "unreadable", problem=_describe(error))


def read_tar(
    stream: io.BufferedReader, place: Place, fields: Fields, *, read_member: ReadMember
) -> Iterator[Row | Rejection]:
    """The same for a tar, packed or not. It is one stream: what comes after damage is lost."""
    unpack = _UNPACKERS.get("." + place.where.lower().rpartition(".")[2])
    budget = Budget(size_of(stream))
    # Metered below tarfile, which would take a header of any length into memory.
    unpacked = meter(unpack(stream) if unpack else stream, budget)
    is_empty = True
    try:
        with tarfile.open(fileobj=unpacked, mode="r|") as archive:
            for info in archive:
                if info.isdir() or _is_hidden(info.name):
                    continue
                is_empty = False
                file = archive.extractfile(info) if info.isreg() else None
                if file is None:
                    yield reject(_where(place, info.name), "unsafe-name")  # a link or a device
                else:
                    stream = io.BufferedReader(file)  # type: ignore[arg-type]
                    yield from _read(stream, info.name, place, fields, read_member)
    except _BAD_LIST as error:
        yield reject(place.where, "unreadable", problem=_describe(error))
        return
    if is_empty:
        yield reject(place.where, "empty")


def _read(
    stream: io.BufferedReader, name: str, place: Place, fields: Fields, read_member: ReadMember
) -> Iterator[Row | Rejection]:
    where = _where(place, name)
    if _is_outside(name):
        return iter([reject(where, "unsafe-name")])
    return read_member(stream, Place(where, f"{place.stem}/{clean_line(name)}"), fields)


def _where(place: Place, name: str) -> str:
    return f"{place.where}!/{clean_line(name)}"


def _is_outside(name: str) -> bool:
    """Whether unpacking the name could write elsewhere; ids and records are to show no such path.

    >>> _is_outside("../../etc/passwd"), _is_outside("C:\\\\news.txt"), _is_outside("2025/..news.txt")
    (True, True, False)
    """
    parts = name.replace("\\", "/").split("/")
    return not parts[0] or ".." in parts or parts[0].endswith(":") or "\0" in name


def _is_hidden(name: str) -> bool:
    """Files that begin with a dot, as in a folder, and what macOS adds."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return name.startswith("__MACOSX/") or last.startswith(".")


def _name_of(info: zipfile.ZipInfo) -> str:
    """The name as it was meant: what is not marked as UTF-8 is in the encoding of the packer's system."""
    if info.flag_bits & 0x800 or info.filename.isascii():
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    return raw.decode(detect_encoding(raw).encoding or "gb18030", "replace")


def _directory_size(stream: io.BufferedReader) -> int:
    """The bytes of a zip's list of files; 0 where it has none."""
    size = size_of(stream)
    stream.seek(max(0, size - _MAX_COMMENT - _DIRECTORY_END.size))
    tail = stream.read()
    stream.seek(0)
    found = tail.rfind(b"PK\5\6")
    if found < 0 or len(tail) - found < _DIRECTORY_END.size:
        return 0
    listed: int = _DIRECTORY_END.unpack_from(tail, found)[5]
    found = tail.rfind(b"PK\6\6")
    if listed < _FAR or found < 0 or len(tail) - found < _DIRECTORY_END_64.size:
        return listed
    far: int = _DIRECTORY_END_64.unpack_from(tail, found)[8]
    return far


def _describe(error: Exception) -> str:
    return clean_line(str(error).partition("\n")[0])[:200] or type(error).__name__
