"""Why an input is turned away: the stable words of ``Rejection.reason``, and what to do about each."""

from typing import Literal, get_args

from lichang.records import Rejection

MAX_CHARACTERS = 1_000_000  # of one article: a long report has a tenth of that
MAX_BYTES = (
    8_000_000  # of a file that holds one article, and of a line; leaves room for markup and \u escapes
)
MAX_TAGS = 40_000  # of a web page: a long one has a tenth of that, and extraction takes 0.1 ms a tag

Reason = Literal[
    "empty",
    "binary",
    "encoding",
    "too-large",
    "not-json",
    "bad-row",
    "no-text",
    "bad-field",
    "bad-date",
    "no-chinese",
    "duplicate",
    "duplicate-id",
    "unsupported",
    "unreadable",
    "bomb",
    "nested",
    "unsafe-name",
    "encrypted",
    "entities",
    "not-feed",
    "not-fetched",
    "no-text-layer",
]
REASONS: tuple[Reason, ...] = get_args(Reason)

_DETAILS: dict[Reason, str] = {
    "empty": "no text in it; expected an article in Chinese",
    "binary": "the bytes are no text; expected an article in Chinese, saved as plain text",
    "encoding": "not valid UTF-8, UTF-16, GB18030 or Big5 in Chinese; convert it to UTF-8",
    "too-large": f"more than {MAX_CHARACTERS:,} characters, {MAX_BYTES:,} bytes or {MAX_TAGS:,} tags; "
    "split it into articles",
    "not-json": "expected a JSON object: {problem}",
    "bad-row": "{problem}; put cells that hold a comma or a line break into quotation marks",
    "no-text": "expected text in '{field}', found {found}; name the right one with --text-field",
    "bad-field": "'{field}' holds {found}; expected text or a number",
    "bad-date": "'{field}' is {found}; expected a day such as 2025-12-10, or nothing",
    "no-chinese": "hardly a Chinese character in it; expected an article in Chinese",
    "duplicate": "the same text under the same id was read before; drop one of the two",
    "duplicate-id": "another text was read under this id; give each article an id of its own, or none",
    "unsupported": "'{suffix}' is not a format that lichang reads; expected one of {known}",
    "unreadable": "the file cannot be read: {problem}",
    "bomb": "{problem} when unpacked; if that is right, unpack it yourself",
    "nested": "an archive inside an archive; unpack the outer one",
    "unsafe-name": "its name leads out of the archive, or it is a link or a device; pack plain files",
    "encrypted": "it is protected by a password; save it without",
    "entities": "it defines XML entities, which can grow without end; save it without a DOCTYPE",
    "not-feed": "expected RSS, Atom or OPML, found {found}",
    "not-fetched": "an address is only read with --fetch",
    "no-text-layer": "its pages are pictures without text; run character recognition (OCR) over it",
}


def reject(where: str, reason: Reason, *, id: str | None = None, **values: str) -> Rejection:
    """The rejection with its sentence, filled from ``values``.

    >>> reject("a.jsonl:3", "not-json", problem="found a list").detail
    'expected a JSON object: found a list'
    """
    return Rejection(id=id, where=where, reason=reason, detail=_DETAILS[reason].format(**values))
