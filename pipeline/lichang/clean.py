"""What happens to a text once, before anything counts its characters.

Nothing is reordered and no printed character is replaced by another, since what stands in the text is
evidence. That is also why the text is not brought into NFC: it would turn 樂 (U+F914) into 樂 (U+6A02),
and Chinese has no combining marks to gain from it. ``lichang.script`` folds such forms for analysis.
"""

import re

_LINE_END = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")
_ODD_BLANK = re.compile(r"[\u00a0\u1680\u2000-\u200a\u202f\u205f]")  # no-break, en, em, thin …
_BLANK_LINES = re.compile(r"\n{3,}")

# Characters that show nothing: with one inside, 英伟达 is no longer 英伟达, and nobody sees why.
_INVISIBLE = re.compile(
    "["
    r"\x00-\x08\x0e-\x1f\x7f-\x9f"  # control characters
    r"\xad\u180e\u200b-\u200f\u2060-\u2064\ufeff"  # soft hyphen, zero-width blanks and joiners
    r"\u202a-\u202e\u2066-\u206f"  # writing directions
    r"\ud800-\udfff"  # lone surrogates: no encoding can write them
    r"\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff"  # noncharacters, annotation marks
    "]"
)


def clean_text(raw: str) -> str:
    r"""The text with ``\n`` line ends and without invisible characters or blanks at the ends of lines.

    Tabs and full-width blanks inside a line stay, odd blanks become plain ones, and more than one empty
    line in a row becomes one. Cleaning twice changes nothing more.

    >>> clean_text("\ufeff　　“英\u200b伟达”　H20\r\n\r\n\r\n\r\n【题】\x00 ")
    '“英伟达”\u3000H20\n\n【题】'
    """
    text = _LINE_END.sub("\n", raw)
    text = _INVISIBLE.sub("", text)
    text = _ODD_BLANK.sub(" ", text)
    text = "\n".join(line.strip(" \t\u3000") for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", text).strip("\n")


def clean_line(raw: str) -> str:
    r"""The same for what must be one line, such as a title or an id; line ends become blanks.

    >>> clean_line(" 禁令\r\n之后\x07 ")
    '禁令 之后'
    """
    return " ".join(filter(None, clean_text(raw).split("\n")))
