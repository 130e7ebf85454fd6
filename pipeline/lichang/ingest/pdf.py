"""PDF files that hold their text: printed lines become paragraphs again."""

import io
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from lichang.ingest.office import MAX_FILE
from lichang.ingest.reasons import reject
from lichang.ingest.rows import Fields, Place, Row, is_chinese
from lichang.records import Rejection

_READER = Path(__file__).with_name("pdf_text.py")
_SECONDS = 60  # PDFium reads a hundred pages a second
_PAGE_NUMBER = re.compile(r"[-–—·\s第]*\d{1,4}[-–—·\s页頁]*(?:/\s*\d{1,4})?$")
_FULL = 0.8  # of the usual width: a shorter line ends its paragraph
_SENTENCE_END = "。！？…”」』）!?"


def read_pdf(stream: io.BufferedReader, place: Place, fields: Fields) -> Iterator[Row | Rejection]:
    """The document as one article; title and author from its properties."""
    data = stream.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        yield reject(place.where, "too-large")
        return
    if b"%PDF-" not in data[:1024]:  # where readers look for it
        yield reject(place.where, "unreadable", problem="it is no PDF")
        return
    found = _extract(data, place.where)
    if isinstance(found, Rejection):
        yield found
        return
    text = join_pages([str(page) for page in found["pages"]])
    if not text:
        yield reject(place.where, "no-text-layer")
        return
    title = found["title"] if is_chinese(found["title"] or "") else None  # not "Microsoft Word - 1.doc"
    values = {"text": text, "title": title, "author": found["author"]}
    origin = {"title": "metadata", "author": "metadata"}
    yield Row(place.where, place.stem, place.stem, fields.name(values), origin)


def _extract(data: bytes, where: str) -> dict[str, Any] | Rejection:
    command = [sys.executable, "-I", str(_READER)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return reject(where, "unreadable", problem=f"not done after {_SECONDS} seconds")
    if done.returncode:
        return reject(where, "unreadable", problem=f"its reader broke off (exit code {done.returncode})")
    found: dict[str, Any] = json.loads(done.stdout)
    if found.get("problem") == "encrypted":
        return reject(where, "encrypted")
    if found.get("problem"):
        return reject(where, "unreadable", problem="it is damaged")
    return found


def join_pages(pages: Sequence[str]) -> str:
    r"""The text of all pages, a line a paragraph, without page numbers and what is printed on every page.

    >>> join_pages(["某报\r\n卖次级芯片让对手\r\n上瘾。\r\n- 1 -", "某报\r\n全面断供只会逼出\r\n华为。\r\n- 2 -"])
    '卖次级芯片让对手上瘾。\n全面断供只会逼出华为。'
    """
    lines = [[line.strip() for line in page.splitlines() if line.strip()] for page in pages]
    seen = Counter(line for page in lines for line in set(page))
    repeated = {line for line, count in seen.items() if count > 1 and count > len(pages) / 2}
    kept = [line for page in lines for line in page if line not in repeated and not _PAGE_NUMBER.match(line)]
    if not kept:
        return ""
    width = sorted(map(_width, kept))[len(kept) * 9 // 10]
    pieces = kept[:1]
    for before, line in pairwise(kept):
        full = _width(before) / width
        is_end = full < _FULL or (full < 1 and before[-1] in _SENTENCE_END)
        pieces += ["\n" if is_end else _space(before, line), line]
    return "".join(pieces)


def _width(line: str) -> int:
    """In half characters."""
    return sum(1 if character.isascii() else 2 for character in line)


def _space(before: str, after: str) -> str:
    """A blank between Latin words, nothing between Chinese ones."""
    return " " if before[-1].isascii() and after[0].isascii() else ""
