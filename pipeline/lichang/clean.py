"""What happens to a text once, before anything counts its characters.

Nothing is reordered and no printed character is replaced by another, since what stands in the text is
evidence. That is also why the text is not brought into NFC: it would turn 樂 (U+F914) into 樂 (U+6A02),
and Chinese has no combining marks to gain from it. ``lichang.script`` folds such forms for analysis.
"""

import re

_LINE_END = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")
_ODD_BLANK = re.compile(r"[\u00a0\u1680\u2000-\u200a\u202f\u205f]")  # no-break, en, em, thin …

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
    r"""The text with ``\n`` line ends and without invisible characters.

    Blanks stay as they are, also at the ends of lines, so that offsets counted by others into an ordinary
    text hold here too; odd blanks become plain ones. Cleaning twice changes nothing more.

    >>> clean_text("\ufeff　　“英\u200b伟达”\u00a0H20 \r\n【题】\x00\n")
    '\u3000\u3000“英伟达” H20 \n【题】'
    """
    text = _LINE_END.sub("\n", raw)
    text = _INVISIBLE.sub("", text)
    return _ODD_BLANK.sub(" ", text).strip("\n")


def clean_line(raw: str) -> str:
    r"""The same for what must be one line, such as a title or an id: line ends and runs of blanks become one blank.

    >>> clean_line(" 禁令\r\n之后\x07 ")
    '禁令 之后'
    """
    return " ".join(re.split(r"[ \t\n]+", clean_text(raw))).strip(" \u3000")
