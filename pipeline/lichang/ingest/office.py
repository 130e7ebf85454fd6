"""Word and Excel files: zip archives of XML, of which only what holds text is read."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import Any

from lichang.clean import clean_line
from lichang.ingest.markup import parse_xml
from lichang.ingest.reasons import MAX_BYTES, reject
from lichang.ingest.rows import Fields, Place, Row
from lichang.ingest.tables import no_column
from lichang.records import Rejection

MAX_FILE = 64 << 20  # bytes, packed: a report with pictures
MAX_XML = 8 * MAX_BYTES  # bytes: marks take several times the room of words
_MAX_COLUMNS = 256
_MAX_ROWS = 1 << 20  # Excel has no more; a damaged number would have us count to it
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_CORE = "{http://purl.org/dc/elements/1.1/}"
# The head of what Word and Excel wrote before 2007, and write today for a file with a password.
_OLD_FORMAT = b"\xd0\xcf\x11\xe0"
_DAMAGE = (
    zipfile.BadZipFile,
    KeyError,  # a part that is not there
    NotImplementedError,
    OSError,
    EOFError,
    ValueError,
    zlib.error,
    struct.error,
)
# What openpyxl lets through of a damaged book; broken XML is a SyntaxError.
_BAD_BOOK = (*_DAMAGE, TypeError, AttributeError, IndexError, SyntaxError)


def read_docx(stream: io.BufferedReader, place: Place, fields: Fields) -> Iterator[Row | Rejection]:
    """The document as one article, a line a paragraph, those of tables too; title and author from its properties."""
    package = _open(stream, place.where)
    if isinstance(package, Rejection):
        yield package
        return
    try:
        yield _read_document(package, place, fields)
    except _DAMAGE as error:
        yield _damaged(place, error)


def _read_document(package: zipfile.ZipFile, place: Place, fields: Fields) -> Row | Rejection:
    body = parse_xml(package.read("word/document.xml"), place.where)
    if isinstance(body, Rejection):
        return body
    values: dict[str, object] = {"text": "\n".join(map(_paragraph, _paragraphs(body)))}
    if "docProps/core.xml" in package.namelist():
        core = parse_xml(package.read("docProps/core.xml"), place.where)
        if not isinstance(core, Rejection):
            values |= {"title": core.findtext(f"{_CORE}title"), "author": core.findtext(f"{_CORE}creator")}
    origin = {"title": "metadata", "author": "metadata"}
    return Row(place.where, place.stem, place.stem, fields.name(values), origin)


def _paragraphs(element: Any) -> Iterator[Any]:
    """All paragraphs in their order; a fallback repeats a text box for older programs."""
    for child in element:
        if child.tag == f"{_WORD}p":
            yield child
        if child.tag != _FALLBACK:
            yield from _paragraphs(child)


def _paragraph(paragraph: Any) -> str:
    """The words of a paragraph, without those of text boxes in it, which have paragraphs of their own."""
    parts = []
    for element in _own(paragraph):
        if element.tag == f"{_WORD}t":
            parts.append(element.text or "")
        elif element.tag == f"{_WORD}tab":
            parts.append("\t")
        elif element.tag in (f"{_WORD}br", f"{_WORD}cr"):
            parts.append("\n")
    return "".join(parts)


def _own(element: Any) -> Iterator[Any]:
    for child in element:
        if child.tag not in (f"{_WORD}p", _FALLBACK):
            yield child
            yield from _own(child)


def read_xlsx(stream: io.BufferedReader, place: Place, fields: Fields) -> Iterator[Row | Rejection]:
    """One article a row, of all sheets; the first row of a sheet names its columns."""
    package = _open(stream, place.where)
    if isinstance(package, Rejection):
        yield package
        return
    import openpyxl  # type: ignore[import-untyped]

    try:
        book = openpyxl.load_workbook(package.fp, read_only=True, data_only=True, keep_links=False)
        is_empty = True
        for sheet in book.worksheets:
            for row in _read_sheet(sheet, place, fields):
                is_empty = False
                yield row
        if is_empty:
            yield reject(place.where, "empty")
    except _BAD_BOOK as error:
        yield _damaged(place, error)


def _read_sheet(sheet: Any, place: Place, fields: Fields) -> Iterator[Row | Rejection]:
    sheet.reset_dimensions()  # what the file says of its size may be wrong
    rows = islice(sheet.iter_rows(values_only=True, max_col=_MAX_COLUMNS), _MAX_ROWS)
    columns = [str(name or "").strip() for name in next(rows, ())]
    if not any(columns):
        return  # Excel begins each book with three sheets
    if fields.text not in columns:
        yield no_column(Place(f"{place.where}#{sheet.title}", place.stem), columns, fields)
        return
    for number, cells in enumerate(rows, 2):
        if any(cell is not None for cell in cells):
            values = dict(zip(columns, cells, strict=False))
            yield Row(f"{place.where}#{sheet.title}:{number}", place.stem, None, values)


def _open(stream: io.BufferedReader, where: str) -> zipfile.ZipFile | Rejection:
    """The package, all of it in memory; a bomb is told by the sizes that it states, beyond which none is read."""
    data = stream.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        return reject(where, "too-large")
    if data.startswith(_OLD_FORMAT):
        return reject(where, "encrypted")
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
    except _DAMAGE as error:
        return _damaged(Place(where, ""), error)
    parts = [info for info in package.infolist() if info.filename.endswith((".xml", ".rels"))]
    if any(info.flag_bits & 1 for info in parts):
        return reject(where, "encrypted")
    size = sum(info.file_size for info in parts)
    if size > MAX_XML:
        problem = f"{len(data):,} bytes grow to {size:,}"
        return reject(where, "bomb", problem=problem)
    return package


def _damaged(place: Place, error: Exception) -> Rejection:
    problem = clean_line(str(error).partition("\n")[0])[:200] or type(error).__name__
    return reject(place.where, "unreadable", problem=problem)
