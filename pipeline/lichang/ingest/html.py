"""Web pages: main text and readers' comments by trafilatura; title, date and outlet from metadata."""

import io
import re
from collections.abc import Iterator

from lichang.ingest.encodings import detect_encoding
from lichang.ingest.reasons import reject
from lichang.ingest.rows import Fields, Place, Row
from lichang.ingest.text import read_whole
from lichang.records import Rejection

_CHARSET = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?([\w-]{1,40})", re.IGNORECASE
)
_DECLARED_WITHIN = 4096  # bytes; browsers look at the first 1024
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*>")


def read_html(stream: io.BufferedReader, place: Place, fields: Fields) -> Iterator[Row | Rejection]:
    """The page as one article."""
    data = read_whole(stream)
    if data is None:
        yield reject(place.where, "too-large")
        return
    if not data.strip():
        yield reject(place.where, "empty")
        return
    declared = _CHARSET.search(data[:_DECLARED_WITHIN])
    verdict = detect_encoding(data, declared=declared[1].decode("ascii") if declared else None)
    if verdict.encoding is None:
        yield reject(place.where, verdict.reason or "encoding")
        return
    values = extract(data.decode(verdict.encoding))
    yield (
        Row(place.where, place.stem, place.stem, fields.name(values))
        if values
        else reject(place.where, "empty")
    )


def extract(page: str) -> dict[str, object]:
    """``text`` of the page, with comments after the body, and what is known of title, source, published."""
    from trafilatura import bare_extraction
    from trafilatura.settings import Document

    # lxml refuses a declared encoding in what is decoded already
    found = bare_extraction(
        _XML_DECLARATION.sub("", page, count=1),
        with_metadata=True,
        date_extraction_params={"extensive_search": False},
    )
    if not isinstance(found, Document):
        return {}
    values = {
        "text": "\n".join(filter(None, (found.text, found.comments))),
        "title": found.title,
        "source": found.sitename,
        "published": found.date,
    }
    return {name: value for name, value in values.items() if value}
