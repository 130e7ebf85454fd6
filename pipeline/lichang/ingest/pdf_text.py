"""Read a PDF from standard input and write its text to standard output, as JSON.

A program of its own, run by ``lichang.ingest.pdf``: PDFium is written in C++, and a file made for it may
take all time and memory, or the process. Here both have limits, and there is nothing else to lose.
"""

import json
import resource
import sys
from typing import Any

import pypdfium2 as pdfium  # type: ignore[import-untyped]
from pypdfium2 import raw

_MAX_MEMORY = 2 << 30  # bytes of address space, of which PDFium itself reserves half
_MAX_PAGES = 2000
_MAX_CHARACTERS = 1_100_000  # a little more than an article may have, so that it is turned away as too large


def read(data: bytes) -> dict[str, Any]:
    """``title``, ``author`` and ``pages``, a list of texts; or ``problem``, a word."""
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError:
        is_locked = raw.FPDF_GetLastError() == raw.FPDF_ERR_PASSWORD
        return {"problem": "encrypted" if is_locked else "unreadable"}
    metadata = document.get_metadata_dict()
    pages: list[str] = []
    left = _MAX_CHARACTERS
    for number in range(min(len(document), _MAX_PAGES)):
        pages.append(_read_page(document, number)[:left])
        left -= len(pages[-1])
        if left <= 0:
            break
    return {"title": metadata.get("Title"), "author": metadata.get("Author"), "pages": pages}


def _read_page(document: Any, number: int) -> str:
    try:
        text: str = document[number].get_textpage().get_text_bounded()
    except pdfium.PdfiumError:  # a damaged page among others
        return ""
    return text


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY, _MAX_MEMORY))
    sys.stdout.write(json.dumps(read(sys.stdin.buffer.read())))
