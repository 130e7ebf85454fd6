"""Web pages: main text and readers' comments by trafilatura; title, date and outlet from metadata."""

import io
import re
from collections.abc import Iterator

from lichang.ingest.encodings import detect_encoding
from lichang.ingest.reasons import MAX_TAGS, reject
from lichang.ingest.rows import Fields, Place, Row
from lichang.ingest.text import read_whole
from lichang.records import Rejection

_CHARSET = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?([\w-]{1,40})", re.IGNORECASE
)
_DECLARED_WITHIN = 4096  # bytes; browsers look at the first 1024
_HEAD = 500  # characters within which the title stands, if it is part of the main text
# What Chinese sites print under the title instead of metadata: 2025年12月10日 08:30　来源：某报. A day
# without a time may be any day that the article speaks of.
_STAMP = re.compile(r"(20\d\d年\d{1,2}月\d{1,2}日)[\s\u3000]{0,4}\d{1,2}:\d\d")
_OUTLET = re.compile(r"(?<![\u4e00-\u9fff])[来來]源[:：]\s{0,4}(?:<[^<>]{1,300}>\s{0,4}){0,3}([^<>\s]{2,20})")
# trafilatura takes only what looks like a Western name.
_AUTHOR = re.compile(
    r"<meta\s[^<>]{0,200}?name=[\"']?author[\"']?\s[^<>]{0,200}?content=[\"']([^\"'<>]{2,40})", re.IGNORECASE
)
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*>")


def read_html(stream: io.BufferedReader, place: Place, fields: Fields) -> Iterator[Row | Rejection]:
    """The page as one article."""
    data = read_whole(stream)
    yield reject(place.where, "too-large") if data is None else read_page(data, place, fields)


def read_page(
    data: bytes, place: Place, fields: Fields, *, charset: str | None = None, url: str | None = None
) -> Row | Rejection:
    """The page as one article. ``charset`` and ``url`` are what its server said; the page may know better."""
    if not data.strip():
        return reject(place.where, "empty")
    declared = _CHARSET.search(data[:_DECLARED_WITHIN])
    verdict = detect_encoding(data, declared=declared[1].decode("ascii") if declared else charset)
    if verdict.encoding is None:
        return reject(place.where, verdict.reason or "encoding")
    page = data.decode(verdict.encoding)
    if page.count("<") > MAX_TAGS:
        return reject(place.where, "too-large")
    values, origin = extract(page)
    if not values:
        return reject(place.where, "empty")
    if url:
        values, origin = {"id": url, **values, "url": url}, {**origin, "url": "address"}
    return Row(place.where, place.stem, place.stem, fields.name(values), origin)


def extract(page: str) -> tuple[dict[str, object], dict[str, str]]:
    """``text`` as on the page (title, body, comments) with what is known of its title, source, published,
    author and url; and which of these its metadata gave, and which its text.
    """
    from trafilatura import bare_extraction
    from trafilatura.settings import Document

    # lxml refuses a declared encoding in what is decoded already
    found = bare_extraction(
        _XML_DECLARATION.sub("", page, count=1),
        with_metadata=True,
        date_extraction_params={"extensive_search": False},
    )
    if not isinstance(found, Document) or not found.text:
        return {}, {}
    title = found.title or ""
    parts = ["" if title in found.text[:_HEAD] else title, found.text, found.comments]
    metadata = {
        "title": title,
        "source": found.sitename,
        "published": found.date,
        "author": found.author or _find(_AUTHOR, page),
        "url": found.url,
    }
    printed = {"source": _find(_OUTLET, page), "published": _find(_STAMP, page)}
    given = {name: value for name, value in metadata.items() if value}
    read = {name: value for name, value in printed.items() if value and name not in given}
    origin = dict.fromkeys(given, "metadata") | dict.fromkeys(read, "text")
    return {"text": "\n".join(filter(None, parts)), **given, **read}, origin


def _find(pattern: re.Pattern[str], page: str) -> str | None:
    found = pattern.search(page)
    return found[1] if found else None
