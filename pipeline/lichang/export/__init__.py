"""Records for other programs: tables, annotation tools, the web, and lines that lichang reads back."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from lichang.errors import SourceError
from lichang.export.filters import Copy, Entry, Filter, matching, select

__all__ = ["FORMATS", "Copy", "Entry", "Filter", "format_of", "matching", "select", "write"]

Writer = Callable[[Iterable[Entry], Path], None]


def _lazy(module: str, name: str) -> Writer:
    """The writer, imported when it is used: openpyxl and pyarrow take their time."""

    def write_with(entries: Iterable[Entry], path: Path) -> None:
        from importlib import import_module

        writer: Writer = getattr(import_module(f"lichang.export.{module}"), name)
        writer(entries, path)

    return write_with


# A format's name, and the suffix that stands for it where no other format has it.
FORMATS: dict[str, Writer] = {
    "jsonl": _lazy("lines", "write_jsonl"),
    "parquet": _lazy("tables", "write_parquet"),
    "parquet-flat": _lazy("tables", "write_flat_parquet"),
    "csv": _lazy("tables", "write_csv"),
    "xlsx": _lazy("tables", "write_xlsx"),
    "jsonld": _lazy("web", "write_web_annotations"),
    "conll": _lazy("lines", "write_conll"),
    "label-studio": _lazy("tools", "write_label_studio"),
    "doccano": _lazy("tools", "write_doccano"),
}


def format_of(path: str | Path) -> str:
    """The format that a file's suffix stands for; raises SourceError for one that stands for none.

    >>> format_of("records.parquet")
    'parquet'
    """
    name = Path(path).suffix.removeprefix(".").lower()
    if name not in FORMATS:
        raise SourceError(f"{path}: '.{name}' names no format; name one of {', '.join(FORMATS)}")
    return name


def write(entries: Iterable[Entry], path: str | Path, *, format: str | None = None) -> int:
    """Write entries to a file, in the format of that name or of its suffix; how many records that were.

    Entries come from `select`, or from a store by `lichang.export.stored`. The file appears under its name
    only when it is complete. Raises SourceError for an unknown format or where nothing can be written.
    """
    writer = FORMATS.get(format or format_of(path))
    if writer is None:
        raise SourceError(f"'{format}' is no format; name one of {', '.join(FORMATS)}")
    path = Path(path)
    part = path.with_name(f".{path.name}.part")
    count = 0

    def counted() -> Iterator[Entry]:
        nonlocal count
        for entry in entries:
            count += 1
            yield entry

    try:
        writer(counted(), part)
        part.replace(path)
    except OSError as error:
        raise SourceError(f"{path}: cannot be written: {error.strerror}; name another file") from error
    finally:
        part.unlink(missing_ok=True)
    return count
