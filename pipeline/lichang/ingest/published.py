"""Publication dates, as feeds, tables and people write them."""

import datetime
import re
import unicodedata

_DAY = re.compile(
    r"(?P<year>\d{4})(?:(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})"
    r"|年(?P<month_zh>\d{1,2})月(?P<day_zh>\d{1,2})日|(?P<month_8>\d{2})(?P<day_8>\d{2}))(?=$|[T\s（(星周])"
)
_NOTHING = {"", "nan", "nat", "none", "null"}  # what pandas and others write for an empty cell
_LONGEST = 60  # characters


def parse_date(value: object) -> str | None:
    """The day in ISO form, as printed where a time zone is given; None for nothing.

    Raises ValueError for what is neither empty nor a day.

    >>> parse_date("2025年12月10日 08:30"), parse_date("2025/12/9"), parse_date(20251210), parse_date(" ")
    ('2025-12-10', '2025-12-09', '2025-12-10', None)
    >>> parse_date("12月10日")
    Traceback (most recent call last):
    ...
    ValueError: '12月10日' is no day
    """
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if value is None or (isinstance(value, float) and value != value):  # NaN, pandas' empty cell
        return None
    text = unicodedata.normalize("NFKC", str(value)[:_LONGEST]).strip()
    if text.lower() in _NOTHING:
        return None
    try:
        return (_read_day(text) or _read_mail_date(text)).isoformat()
    except (ValueError, IndexError, OverflowError):
        raise ValueError(f"{text!r} is no day") from None


def _read_day(text: str) -> datetime.date | None:
    found = _DAY.match(text)
    if not found:
        return None
    month = found["month"] or found["month_zh"] or found["month_8"]
    day = found["day"] or found["day_zh"] or found["day_8"]
    return datetime.date(int(found["year"]), int(month), int(day))


def _read_mail_date(text: str) -> datetime.date:
    """Wed, 10 Dec 2025 08:00:00 +0800: what RSS carries."""
    from email.utils import parsedate_to_datetime

    return parsedate_to_datetime(text).date()
