"""News feeds: RSS, Atom and JSON Feed, an article an entry; and OPML, which lists feeds.

feedparser knows the dialects. It gets a feed as well-formed XML without a DOCTYPE, so that it never falls
back to its parser for broken ones, and its reading of dates is not used: it takes 2025/8/11 for the first
of November.
"""

import io
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from lichang.ingest.lines import peek_text
from lichang.ingest.markup import parse_xml, words_of
from lichang.ingest.published import parse_date
from lichang.ingest.reasons import reject
from lichang.ingest.rows import Fields, Place, Row
from lichang.ingest.tables import decode_json, read_json
from lichang.ingest.text import decode_whole, read_whole
from lichang.records import Rejection

_FEEDS = {"rss", "RDF", "feed"}
_JSON_FEED = "jsonfeed.org/version/"
_CHINA = timezone(timedelta(hours=8))
_WEEKDAY = re.compile(r"^(?:星期|周|週|礼拜|禮拜)[一二三四五六日天][,，]?\s*")
_MONTH = re.compile(r"(?<=\d\s)(十[一二]?|[一二三四五六七八九])月(?=\s\d{4})")
_MONTHS = {"一": "Jan", "二": "Feb", "三": "Mar", "四": "Apr", "五": "May", "六": "Jun"}
_MONTHS |= {"七": "Jul", "八": "Aug", "九": "Sep", "十": "Oct", "十一": "Nov", "十二": "Dec"}
# Java's Date.toString(), whose CST is the time of China as often as that of Chicago.
_JAVA = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{1,2}) (\d\d:\d\d:\d\d) ([A-Z]{3,4}) (\d{4})$")
_SECONDS = re.compile(r"(\d{10})(?:\d{3})?$")


def read_feed(stream: io.BufferedReader, place: Place, fields: Fields) -> Iterator[Row | Rejection]:
    """The entries of an RSS or Atom feed, in its order."""
    data = read_whole(stream)
    if data is None or not data.strip():
        yield reject(place.where, "too-large" if data else "empty")
        return
    root = parse_xml(data, place.where)
    if isinstance(root, Rejection):
        yield root
        return
    name = _local_name(root.tag)
    if name not in _FEEDS:
        yield reject(place.where, "not-feed", found=f"<{name[:40]}>")
        return
    entries, source = _parse(root)
    if not entries:
        yield reject(place.where, "empty")
    for number, entry in enumerate(entries, 1):
        yield _row(_read_entry(entry, source), place, number, fields)


def read_json_or_feed(stream: io.BufferedReader, place: Place, fields: Fields) -> Iterator[Row | Rejection]:
    """A JSON Feed, or JSON articles."""
    if _JSON_FEED not in peek_text(stream)[:1000].replace("\\/", "/"):
        yield from read_json(stream, place, fields)
        return
    text = decode_whole(stream, place.where)
    if isinstance(text, Rejection):
        yield text
        return
    try:
        feed = decode_json(text)
    except ValueError as error:
        yield reject(place.where, "not-json", problem=str(error))
        return
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(feed, dict) or not isinstance(items, list) or not items:
        yield reject(place.where, "empty")
        return
    for number, item in enumerate(items, 1):
        values = _read_item(item, feed) if isinstance(item, dict) else {}
        yield _row(values, place, number, fields)


def list_feeds(data: bytes, where: str) -> list[str] | Rejection:
    """The addresses of the feeds that an OPML file lists, each once, in its order."""
    root = parse_xml(data, where)
    if isinstance(root, Rejection):
        return root
    if _local_name(root.tag) != "opml":
        return reject(where, "not-feed", found=f"<{_local_name(root.tag)[:40]}>")
    addresses = (outline.get("xmlUrl", "").strip() for outline in root.iter("outline"))
    return list(dict.fromkeys(filter(None, addresses))) or reject(where, "empty")


def read_date(text: str) -> str:
    """The day that an entry was published on, ISO 8601; as it stands if it cannot be read.

    The day is the printed one; a time in UTC, which servers write, is that of China.

    >>> read_date("2025/8/11 09:30"), read_date("星期一, 11 八月 2025 09:30:00 +0800")
    ('2025-08-11', '2025-08-11')
    >>> read_date("Mon, 11 Aug 2025 23:30:00 CST"), read_date("Mon Aug 11 23:30:00 CST 2025")
    ('2025-08-11', '2025-08-11')
    >>> read_date("Mon, 11 Aug 2025 16:30:00 GMT"), read_date("2025-08-11T16:30:00Z"), read_date("1754929800")
    ('2025-08-12', '2025-08-12', '2025-08-12')
    >>> read_date("三小时前")
    '三小时前'
    """
    plain = _MONTH.sub(lambda month: _MONTHS[month[1]], _WEEKDAY.sub("", text.strip()[:100]))
    plain = _JAVA.sub(r"\2 \1 \5 \3 \4", plain)
    try:
        moment = _read_moment(plain)
        if moment is None:
            return parse_date(plain) or text
        return (moment if moment.utcoffset() else moment.astimezone(_CHINA)).date().isoformat()
    except (ValueError, OverflowError):
        return text


def _read_moment(text: str) -> datetime | None:
    """A date with its zone; None for one without."""
    if seconds := _SECONDS.match(text):
        return datetime.fromtimestamp(int(seconds[1]), _CHINA)
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text)
        except (ValueError, IndexError):
            continue
        if moment.tzinfo or text.endswith(" -0000"):  # which is UTC from nowhere in particular
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def _parse(root: Any) -> tuple[list[Mapping[str, Any]], str | None]:
    """The entries of a feed as feedparser gives them, and the feed's title."""
    import feedparser  # type: ignore[import-untyped]
    from lxml import etree  # type: ignore[import-untyped]

    for element in root.iter():
        if element.text and "<" in element.text and "]]>" not in element.text:
            element.text = etree.CDATA(element.text)  # else feedparser takes each &lt; for an event
    found = feedparser.parse(
        io.BytesIO(etree.tostring(root, encoding="utf-8", xml_declaration=True)),
        resolve_relative_uris=False,
        sanitize_html=False,  # it is only read for its words
    )
    return found.entries, found.feed.get("title")


def _read_entry(entry: Mapping[str, Any], source: str | None) -> dict[str, object]:
    contents = [content.get("value", "") for content in entry.get("content", ())]
    text = max(contents, key=len, default="") or entry.get("summary", "")
    dates = dict(entry.items())  # whose get, unlike feedparser's, gives no date for another
    date = dates.get("published") or dates.get("updated") or ""
    link = entry.get("link", "")
    values = {
        "id": link or entry.get("id"),
        "title": words_of(entry.get("title", "")),
        "source": entry.get("source", {}).get("title") or source,
        "author": entry.get("author"),
        "published": read_date(date),
        "url": link,
        "text": words_of(text),
    }
    return {name: value for name, value in values.items() if value}


def _read_item(item: Mapping[str, Any], feed: Mapping[str, Any]) -> dict[str, object]:
    """An item of a JSON Feed, of version 1 or 1.1."""
    markup = item.get("content_html")
    authors = item.get("authors") or [item.get("author")]
    author = authors[0] if isinstance(authors, list) else None
    values = {
        "id": item.get("url") or item.get("id"),
        "title": item.get("title"),
        "source": feed.get("title"),
        "author": author.get("name") if isinstance(author, dict) else None,
        "published": read_date(str(item.get("date_published") or "")),
        "url": item.get("url"),
        "text": words_of(markup)
        if isinstance(markup, str)
        else item.get("content_text") or item.get("summary"),
    }
    return {name: value for name, value in values.items() if value}


def _row(values: dict[str, object], place: Place, number: int, fields: Fields) -> Row:
    origin = dict.fromkeys(values, "feed")
    return Row(f"{place.where}:[{number}]", place.stem, None, fields.name(values), origin)


def _local_name(tag: object) -> str:
    return str(tag).rpartition("}")[2]
