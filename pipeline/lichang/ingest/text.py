"""Plain text and Markdown: one file, one article."""

import io
import re
from collections.abc import Iterator

from lichang.ingest.encodings import detect_encoding
from lichang.ingest.reasons import MAX_BYTES, reject
from lichang.ingest.rows import Fields, Place, Row
from lichang.records import Rejection

_FENCE = re.compile(r"^---[ \t]*$")
_PAIR = re.compile(r"^(\w+)[ \t]*[:：][ \t]*(.*)$")
_FRONT_LINES = 50  # in which front matter ends, or it was a rule across the page
_NAMES = {
    "date": "published",
    "标题": "title",
    "標題": "title",
    "日期": "published",
    "来源": "source",
    "來源": "source",
}

_HEADING = re.compile(r"^#{1,6}[ \t]+")
_RULE = re.compile(r"^[ \t]*(?:-{3,}|\*{3,}|_{3,}|={3,})[ \t]*$", re.MULTILINE)
_BULLET = re.compile(r"^[ \t]*(?:[-*+]|>+)[ \t]+", re.MULTILINE)
_ADDRESS = r"\((?:[a-z]+:|[/#.])[^()\s]*\)"
_IMAGE = re.compile(rf"!\[[^\[\]]*\]{_ADDRESS}")
_LINK = re.compile(rf"\[([^\[\]]*)\]{_ADDRESS}")
_STRONG = re.compile(r"\*\*(?=\S)([^*\n]+)(?<=\S)\*\*")


def read_whole(stream: io.BufferedReader) -> bytes | None:
    """All bytes of a file that holds one article, or None if that is too much."""
    data = stream.read(MAX_BYTES + 1)
    return None if len(data) > MAX_BYTES else data


def decode_whole(stream: io.BufferedReader, where: str) -> str | Rejection:
    """The text of a file that holds one article."""
    data = read_whole(stream)
    if data is None:
        return reject(where, "too-large")
    if not data.strip():
        return reject(where, "empty")
    verdict = detect_encoding(data)
    if verdict.encoding is None:
        return reject(where, verdict.reason or "encoding")
    return data.decode(verdict.encoding)


def read_text(stream: io.BufferedReader, place: Place, fields: Fields) -> Iterator[Row | Rejection]:
    """The file as one article, word for word."""
    text = decode_whole(stream, place.where)
    yield (
        text
        if isinstance(text, Rejection)
        else Row(place.where, place.stem, place.stem, fields.name({"text": text}))
    )


def read_markdown(stream: io.BufferedReader, place: Place, fields: Fields) -> Iterator[Row | Rejection]:
    """The file as one article without its markup; title, date and source from the front matter."""
    text = decode_whole(stream, place.where)
    if isinstance(text, Rejection):
        yield text
        return
    front, body = split_front_matter(text)
    heading = re.search(r"^#[ \t]+(.+)$", body, re.MULTILINE)
    if heading:
        front.setdefault("title", strip_markdown(heading[0]))
    yield Row(place.where, place.stem, place.stem, fields.name({**front, "text": strip_markdown(body)}))


def split_front_matter(text: str) -> tuple[dict[str, str], str]:
    r"""The ``name: value`` lines between two ``---`` at the top, by lichang's names, and what follows.

    >>> split_front_matter("---\ntitle: 禁令\ndate: 2025-12-10\n---\n正文")
    ({'title': '禁令', 'published': '2025-12-10'}, '正文')
    >>> split_front_matter("正文\n---\ntitle: 不算\n---")[0]
    {}
    """
    lines = text.removeprefix("\ufeff").split("\n")
    ends = (n for n, line in enumerate(lines[1:_FRONT_LINES], 1) if _FENCE.match(line.rstrip("\r")))
    if not _FENCE.match(lines[0].rstrip("\r")) or not (end := next(ends, 0)):
        return {}, text
    pairs = filter(None, (_PAIR.match(line.strip()) for line in lines[1:end]))
    front = {pair[1].lower(): pair[2].strip("\"' \t") for pair in pairs}
    return {_NAMES.get(name, name): value for name, value in front.items()}, "\n".join(lines[end + 1 :])


def strip_markdown(text: str) -> str:
    """The words without the marks: headings, bold type, links, images, bullets, quotations and rules.

    >>> strip_markdown("## **禁令**之后 ##"), strip_markdown("- 见[报告](https://example.org/a)")
    ('禁令之后', '见报告')
    >>> strip_markdown("#芯片# 3*4*5，数组[i](续)")
    '#芯片# 3*4*5，数组[i](续)'
    """
    text = _RULE.sub("", text.replace("\r\n", "\n"))
    text = _BULLET.sub("", text)
    text = "\n".join(map(_strip_heading, text.split("\n")))
    text = _LINK.sub(r"\1", _IMAGE.sub("", text))
    return _STRONG.sub(r"\1", text)


def _strip_heading(line: str) -> str:
    plain = _HEADING.sub("", line)
    return plain if plain == line else plain.rstrip("# \t")
