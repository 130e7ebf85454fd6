"""Which encoding a Chinese text is in: strict decoding says which can be, common characters which is.

General detectors weigh bytes and fail on a short paragraph. Here each candidate decodes the text, and the
one that reads as Chinese wins: wrong decodings give characters too, but rare ones.
"""

import codecs
import unicodedata
from typing import Literal, NamedTuple

from lichang.characters import COMMON
from lichang.script import simplify

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# GB18030 holds GBK and GB2312; Windows and Hong Kong each extend Big5, and print ／ at another place.
_UNMARKED = ("gb18030", "cp950", "big5hkscs", "utf-16-le", "utf-16-be")
_DECLARED = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "cp950",
    "big5-hkscs": "big5hkscs",
}

_SAMPLE = 4096  # characters that are weighed; more change no verdict
_READS_AS_CHINESE = 0.35  # 20 characters of gold weigh 0.53 or more; Korean read as GB18030 weighs 0.22
_BINARY = 0.05  # share of control characters; compressed data has 0.1
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\r\f")) + b"\x7f"
_WITHOUT_ASCII = dict.fromkeys([*range(0x20, 0x7F), *b"\t\n\r\f"])

# From 1 for the most frequent character down to 0.1 for the last of the list.
_WEIGHTS = {c: 1 - 0.9 * rank / len(COMMON) for rank, c in enumerate(COMMON)}
_WEIGHTS |= dict.fromkeys("，。、；：？！“”‘’（）《》「」『』【】—…·　％／", 0.8)
_WEIGHTS |= {chr(c): 0.3 for c in range(0xFF10, 0xFF5B)}  # full-width digits and letters
_RARE_HAN, _FOREIGN, _NO_TEXT = -0.3, -0.5, -3.0


class Verdict(NamedTuple):
    """The encoding, by a name that ``bytes.decode`` takes, or why there is none."""

    encoding: str | None
    reason: Literal["binary", "encoding"] | None = None


def detect_encoding(data: bytes, *, declared: str | None = None, whole: bool = True) -> Verdict:
    """The encoding of a text that may well be Chinese; what it names decodes ``data`` without an error.

    ``declared`` is what the text says of itself, as HTML does; it is believed where the bytes allow it.
    ``whole=False`` says that ``data`` is a beginning, which may end inside a character.

    >>> detect_encoding("依赖派认为，禁令适得其反。".encode("gbk"))
    Verdict(encoding='gb18030', reason=None)
    >>> detect_encoding(b"plain ASCII")
    Verdict(encoding='utf-8', reason=None)
    >>> detect_encoding("des États-Unis, où".encode("latin-1")), detect_encoding(bytes(range(256)))
    (Verdict(encoding=None, reason='encoding'), Verdict(encoding=None, reason='binary'))
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark) and _decode(data, encoding, whole) is not None:
            return Verdict(encoding)
    is_utf8 = _decode(data, "utf-8", whole) is not None
    if is_utf8 and not data.isascii():
        return Verdict(None, "binary") if _is_binary(data) else Verdict("utf-8")
    believed = _DECLARED.get((declared or "").lower())
    if believed and not is_utf8 and _decode(data, believed, whole) is not None:
        return Verdict(believed)
    weight, encoding = max((_weigh(_decode(data, name, whole)), name) for name in _UNMARKED)
    if weight >= _READS_AS_CHINESE:
        return Verdict(encoding)
    if _is_binary(data):
        return Verdict(None, "binary")
    return Verdict("utf-8") if is_utf8 else Verdict(None, "encoding")


def _decode(data: bytes, encoding: str, whole: bool) -> str | None:
    try:
        return codecs.getincrementaldecoder(encoding)().decode(data, final=whole)
    except UnicodeDecodeError:
        return None


def _weigh(text: str | None) -> float:
    """How much a text reads as Chinese, from -3 to 1: the mean weight of what is not ASCII."""
    if text is None:
        return _NO_TEXT
    telling = text.translate(_WITHOUT_ASCII)[:_SAMPLE]
    return sum(map(_weight, simplify(telling))) / len(telling) if telling else 0.0


def _weight(character: str) -> float:
    known = _WEIGHTS.get(character)
    if known is not None:
        return known
    if "一" <= character <= "\u9fff":
        return _RARE_HAN
    return _NO_TEXT if unicodedata.category(character).startswith("C") else _FOREIGN


def _is_binary(data: bytes) -> bool:
    controls = len(data) - len(data.translate(None, _CONTROLS))
    return controls > max(2, _BINARY * len(data))
