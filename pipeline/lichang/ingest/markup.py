"""Markup that others wrote, made safe to read: XML without entities, and the words of a piece of HTML."""

import html
import re
from html.entities import html5
from typing import TYPE_CHECKING

from lichang.ingest.encodings import detect_encoding
from lichang.ingest.reasons import reject
from lichang.records import Rejection

if TYPE_CHECKING:
    from lxml.etree import _Element  # type: ignore[import-untyped]

_DECLARATION = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w-]{1,40})[\"']")
_PROLOGUE = re.compile(r"\s*<\?xml[^>]*>")
_ROOT = re.compile(r"<[A-Za-z]")
_NAMED = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z]{2,31};)")  # all but the five of XML
_TAG = re.compile(r"<([^<>]*)>")  # neither of the two inside, so that "<<<<" takes linear time
_LINES = {"p", "div", "br", "li", "ul", "ol", "tr", "blockquote", "section", "article", "hr"}
_LINES |= {f"h{level}" for level in range(1, 7)}
_NO_WORDS = {"script", "style"}


def parse_xml(data: bytes, where: str) -> "_Element | Rejection":
    """The root of an XML document, mended where it is broken; a rejection for one that defines entities."""
    from lxml import etree  # type: ignore[import-untyped]

    declared = _DECLARATION.match(data)
    verdict = detect_encoding(data, declared=declared[1].decode("ascii") if declared else None)
    if verdict.encoding is None:
        return reject(where, verdict.reason or "encoding")
    text = _PROLOGUE.sub("", data.decode(verdict.encoding), count=1)
    root = _ROOT.search(text)
    if root and "<!ENTITY" in text[: root.start()].upper():
        return reject(where, "entities")
    parser = etree.XMLParser(
        encoding="utf-8", recover=True, resolve_entities=False, no_network=True, remove_comments=True
    )
    try:
        found = etree.fromstring(_NAMED.sub(_spell_out, text).encode(), parser)
    except (etree.LxmlError, ValueError) as error:
        return reject(where, "unreadable", problem=str(error).partition("\n")[0])
    return reject(where, "empty") if found is None else found


def _spell_out(named: re.Match[str]) -> str:
    """&nbsp; and the like, which HTML defines and XML does not."""
    return html5.get(named[1], named[0])


def words_of(markup: str) -> str:
    """The words of a piece of HTML, a line a paragraph.

    >>> words_of("<p>两派<b>之争</b></p><script>1<2</script>H20&nbsp;&amp;&nbsp;H200<br/>续")
    '\\n两派之争\\nH20\\xa0&\\xa0H200\\n续'
    >>> words_of("1 < 2")
    '1 < 2'
    """
    parts: list[str] = []
    hidden = None
    for number, piece in enumerate(_TAG.split(markup)):
        if number % 2 == 0:
            parts += [] if hidden else [piece]
            continue
        name = piece.partition(" ")[0].strip("/ \t\r\n").lower()
        if name in _NO_WORDS:
            hidden = None if piece.startswith("/") else name
        elif name in _LINES and not hidden:
            parts.append("\n")
    return html.unescape("".join(parts))
