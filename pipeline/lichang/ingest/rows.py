"""What every reader yields, and how it becomes an article."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

from lichang import script
from lichang.clean import clean_line, clean_text
from lichang.ingest.published import parse_date
from lichang.ingest.reasons import MAX_CHARACTERS, reject
from lichang.records import Article, Rejection

_HAN = re.compile(r"[\u3400-\u9fff]+")
_KANA = re.compile(r"[\u3041-\u30fa]+")
_LETTERS = re.compile(r"[^\W\d_]+")
_MIN_HAN = 0.05  # of all letters: a Chinese article full of program code still has 0.1


@dataclass(frozen=True)
class Fields:
    """What the columns or keys of the input are called."""

    id: str = "id"
    title: str = "title"
    source: str = "source"
    published: str = "published"
    text: str = "text"
    author: str = "author"
    url: str = "url"

    def name(self, values: Mapping[str, object]) -> dict[str, object]:
        """The values under the names that the user gave, for readers that have no columns of their own."""
        return {getattr(self, name): values[name] for name in self.__dataclass_fields__ if name in values}


DEFAULT_FIELDS = Fields()


class Place(NamedTuple):
    """A file that is being read, and what stands for it in an id."""

    where: str
    stem: str


class Row(NamedTuple):
    """One article as found: where, the id to use if it brings none, and its values by column name.

    An ``id`` of None is made from the text, so that it stays when rows are added before it. ``origin`` says
    of fields that no column gave where they were found.
    """

    where: str  # file, or file:line
    stem: str
    id: str | None
    values: Mapping[str, object]
    origin: Mapping[str, str] = {}


class _BadField(ValueError):
    def __init__(self, field: str, found: str) -> None:
        super().__init__(field, found)
        self.field, self.found = field, found


def make_article(row: Row, fields: Fields) -> Article | Rejection:
    """The row as a cleaned article with an id, or why it is none."""
    raw = row.values.get(fields.text)
    given = None
    try:
        given = _line(row.values, fields.id)
        title, source = _line(row.values, fields.title), _line(row.values, fields.source)
        author, url = _line(row.values, fields.author), _line(row.values, fields.url)
    except _BadField as bad:
        return reject(row.where, "bad-field", id=given, field=bad.field, found=bad.found)
    if not isinstance(raw, str):
        found = "nothing" if raw is None else describe(raw)
        return reject(row.where, "no-text", id=given, field=fields.text, found=found)
    if len(raw) > MAX_CHARACTERS:
        return reject(row.where, "too-large", id=given)
    try:
        published = parse_date(row.values.get(fields.published))
    except ValueError:
        found = describe(row.values[fields.published])
        return reject(row.where, "bad-date", id=given, field=fields.published, found=found)
    text = clean_text(raw)
    if not text.strip():
        return reject(row.where, "empty", id=given)
    if not is_chinese(text):
        return reject(row.where, "no-chinese", id=given)
    known = {"title": title, "source": source, "published": published, "author": author, "url": url}
    return Article(
        id=given or row.id or f"{row.stem}-{text_digest(text)}",
        text=text,
        script=script.detect(text),
        origin={name: found for name, found in row.origin.items() if known.get(name)},
        **known,
    )


def is_chinese(text: str) -> bool:
    """Whether the text is worth reading as Chinese: Han characters, and more of them than Japanese kana.

    >>> is_chinese("OpenAI 的 API 停止对华服务"), is_chinese("Say 你好"), is_chinese("これは日本語の文です")
    (True, True, False)
    """
    han = sum(map(len, _HAN.findall(text)))
    kana = sum(map(len, _KANA.findall(text)))
    return han > max(kana, _MIN_HAN * sum(map(len, _LETTERS.findall(text))))


def text_digest(text: str) -> str:
    """Twelve hexadecimal digits that stay with the text from run to run."""
    return blake2b(text.encode("utf-8"), digest_size=6).hexdigest()


def describe(value: object) -> str:
    """A value for a person: short, on one line.

    >>> describe(["a"] * 1000), describe("昨天")
    ('a list', "'昨天'")
    """
    if isinstance(value, str | int | float):
        shown = clean_line(str(value)[:41])
        return repr(shown if len(shown) <= 40 else shown[:40] + "…")
    return {list: "a list", dict: "an object", type(None): "null", bytes: "bytes"}.get(
        type(value), f"a {type(value).__name__}"
    )


def _line(values: Mapping[str, object], field: str) -> str | None:
    """The value as one line of text; None where there is nothing."""
    value = values.get(field)
    if value is None or (isinstance(value, float) and value != value):  # NaN, pandas' empty cell
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _BadField(field, describe(value))
    return clean_line(str(value)[:MAX_CHARACTERS]) or None
