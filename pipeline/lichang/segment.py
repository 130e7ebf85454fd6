"""From text to units: sections, then sentences, then the clauses that another camp or speaker takes over."""

from collections.abc import Iterator

from lichang.clauses import clauses
from lichang.records import Section, Unit
from lichang.sections import sections
from lichang.sentences import sentences


def segment(text: str, *, title: str | None = None) -> list[Unit]:
    """Units in order; they cover the text but for line ends and blanks around lines.

    ``title`` is the title as the source gives it, if it does: it helps to find the title in the text.

    >>> text = "卖不卖？“不卖。”他说。他又说，3.5折也不卖。"
    >>> [text[unit.start : unit.end] for unit in segment(text)]
    ['卖不卖？', '“不卖。”他说。', '他又说，3.5折也不卖。']
    """
    return [
        Unit(start=unit_start, end=unit_end, section=section)
        for start, end, section in sections(text, title=title)
        for unit_start, unit_end in _units(text[start:end], start, section)
    ]


def _units(line: str, offset: int, section: Section) -> Iterator[tuple[int, int]]:
    if section not in ("body", "comment"):  # a title is one unit, whatever it asks: 卖不卖？两派各有说法
        yield offset, offset + len(line)
        return
    for start, end in sentences(line):
        for first, last in clauses(line[start:end]):
            yield offset + start + first, offset + start + last
