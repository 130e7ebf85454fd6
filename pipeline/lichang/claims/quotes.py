"""Where quotation marks open and close, across sentences and lines."""

import re

import msgspec

_MARK = re.compile('[“”「」『』‘’"\n]')
_CLOSER = {"“": "”", "「": "」", "『": "』", "‘": "’"}
_INNER = {"‘", "『"}


class Quotation(msgspec.Struct, frozen=True):
    """One outermost quotation; the marks belong to it."""

    start: int
    end: int


def find_quotations(text: str) -> list[Quotation]:
    """Outermost quotations, in order and without overlap.

    One that never closes ends with its line, unless the next line opens with the same mark, as
    a printed speech does that runs over several paragraphs.

    >>> [text for text in ["甲说：“乙称‘行’。”"] for q in find_quotations(text) if text[q.start:q.end]]
    ['甲说：“乙称‘行’。”']
    >>> find_quotations("5英尺10英寸，没有引号")
    []
    """
    found: list[Quotation] = []
    start, closer = -1, ""
    for match in _MARK.finditer(text):
        mark = match[0]
        if start < 0:
            if mark in _CLOSER:
                start, closer = match.start(), _CLOSER[mark]
            elif mark == '"':
                start, closer = match.start(), '"'
        elif mark == closer:
            found.append(Quotation(start, match.end()))
            start = -1
        elif mark == "\n" and text[match.end() : match.end() + 1] != text[start]:
            found.append(Quotation(start, match.start()))
            start = -1
    if start >= 0:
        found.append(Quotation(start, len(text)))
    return found
