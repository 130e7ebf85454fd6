"""Tables: Parquet with whole records or a claim a row, and claims as CSV and Excel sheets."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from lichang.export.filters import Entry
from lichang.records import Figure

_BATCH = 500  # records in memory
_CLAIM_COLUMNS = {
    "article": str,
    "title": str,
    "outlet": str,
    "published": str,
    "claim": str,
    "camp": str,
    "attitude": str,
    "kind": str,
    "holder": str,  # empty for the writer
    "cue": str,
    "quote": str,
    "text": str,
    "start": int,
    "end": int,
    "score": float,  # probability of the camp
    "figures": str,  # as printed
    "copies": int,
}
_FIGURE_COLUMNS = ("article", "claim", *Figure.__struct_fields__)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MAX_CELL = 32_767  # characters that Excel takes


def claim_rows(entry: Entry) -> Iterator[dict[str, Any]]:
    """The wanted claims of a record, a flat row each, by the names of the columns."""
    record = entry.record
    figures = {figure.id: figure for figure in record.figures}
    for claim in entry.claims:
        yield {
            "article": record.id,
            "title": record.title,
            "outlet": record.source,
            "published": record.published,
            "claim": claim.id,
            "camp": claim.camp,
            "attitude": claim.attitude,
            "kind": claim.kind,
            "holder": claim.holder,
            "cue": claim.cue,
            "quote": claim.quote,
            "text": record.text[claim.start : claim.end],
            "start": claim.start,
            "end": claim.end,
            "score": record.units[claim.unit].scores.get(claim.camp),
            "figures": "；".join(figures[id_].text for id_ in claim.figures if id_ in figures),
            "copies": len(entry.copies),
        }


def write_csv(entries: Iterable[Entry], path: Path) -> None:
    """A claim a row, in UTF-8 with a mark that tells Excel so."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow(_CLAIM_COLUMNS)
        for entry in entries:
            table.writerows(map(defuse, row.values()) for row in claim_rows(entry))


def defuse(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula: an apostrophe before it says that it is text.

    >>> defuse("=HYPERLINK(1)"), defuse("-5%"), defuse(-5), defuse("依赖派=上瘾派")
    ("'=HYPERLINK(1)", "'-5%", -5, '依赖派=上瘾派')
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def write_xlsx(entries: Iterable[Entry], path: Path) -> None:
    """A sheet of claims and one of their figures. Texts are stored as text, whatever they begin with."""
    import openpyxl  # type: ignore[import-untyped]

    book = openpyxl.Workbook(write_only=True)
    claims, figures = book.create_sheet("claims"), book.create_sheet("figures")
    for sheet, columns in ((claims, tuple(_CLAIM_COLUMNS)), (figures, _FIGURE_COLUMNS)):
        sheet.freeze_panes = "A2"
        sheet.append(columns)
    for entry in entries:
        for row in claim_rows(entry):
            claims.append(_cells(claims, row.values()))
        wanted = {claim.id for claim in entry.claims}
        for figure in entry.record.figures:
            if figure.claim in wanted:
                own = msgspec.structs.astuple(figure)
                figures.append(_cells(figures, (entry.record.id, figure.claim, *own)))
    book.save(path)


def _cells(sheet: Any, values: Iterable[Any]) -> list[Any]:
    from openpyxl.cell import WriteOnlyCell  # type: ignore[import-untyped]
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # type: ignore[import-untyped]

    cells = []
    for value in values:
        text = ILLEGAL_CHARACTERS_RE.sub("", value)[:_MAX_CELL] if isinstance(value, str) else value
        cell = WriteOnlyCell(sheet, text)
        if isinstance(text, str):
            cell.data_type = "s"  # openpyxl has made a formula of =…
            cell.quotePrefix = True
        cells.append(cell)
    return cells


def write_flat_parquet(entries: Iterable[Entry], path: Path) -> None:
    """A claim a row, typed."""
    import pyarrow as pa

    types = {str: pa.string(), int: pa.int64(), float: pa.float64()}
    schema = pa.schema([(name, types[kind]) for name, kind in _CLAIM_COLUMNS.items()])
    _write_parquet(entries, path, schema, lambda entry: list(claim_rows(entry)))


def write_parquet(entries: Iterable[Entry], path: Path) -> None:
    """A record a row, with lists of units, claims and figures in it, all typed."""
    _write_parquet(entries, path, nested_schema(), lambda entry: [_nested_row(entry)])


def _write_parquet(entries: Iterable[Entry], path: Path, schema: Any, rows_of: Any) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    rest = iter(entries)
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        while batch := list(islice(rest, _BATCH)):
            rows = [row for entry in batch for row in rows_of(entry)]
            writer.write_table(pa.Table.from_pylist(rows, schema))


def _nested_row(entry: Entry) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(entry.record)
    row["copies"] = msgspec.to_builtins(entry.copies)
    return row


def nested_schema() -> Any:
    """The pyarrow schema of records as rows, with their copies."""
    import pyarrow as pa

    text, whole, real = pa.string(), pa.int64(), pa.float64()

    def struct(texts: Sequence[str], wholes: Sequence[str], *others: tuple[str, Any]) -> Any:
        return pa.struct([*((name, text) for name in texts), *((name, whole) for name in wholes), *others])

    scores = pa.struct([(camp, real) for camp in ("dependency", "containment", "neither")])
    unit = struct(("section", "camp", "attitude"), ("start", "end"), ("scores", scores))
    claim = struct(
        ("id", "kind", "holder", "cue", "quote", "camp", "attitude"),
        ("unit", "start", "end", "holder_start", "holder_end"),
        ("figures", pa.list_(text)),
    )
    figure = struct(
        ("id", "claim", "text", "kind", "value", "unit", "bound", "mod", "of", "change", "base"),
        ("start", "end"),
        ("low", real),
        ("high", real),
    )
    heads = ("id", "title", "source", "published", "script", "text", "balance")
    return pa.schema(
        [
            *((name, text) for name in heads),
            ("relevant", pa.bool_()),
            ("units", pa.list_(unit)),
            ("claims", pa.list_(claim)),
            ("figures", pa.list_(figure)),
            ("provenance", struct(("lichang", "tagger", "segmenter", "lexicon"), ())),
            ("copies", pa.list_(struct(("id", "outlet", "published", "url"), ()))),
        ]
    )
