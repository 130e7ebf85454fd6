"""Fetch what an address holds: HTTP only, no more than an article may be, in bounded time."""

import time
from typing import NamedTuple
from urllib.error import URLError
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from lichang import __version__
from lichang.ingest.reasons import MAX_BYTES

_WAIT = 20.0  # seconds for an answer to go on
_TOTAL = 60.0  # seconds for all of it
_CHUNK = 1 << 16


class Page(NamedTuple):
    """What a server sent."""

    data: bytes
    media_type: str  # lower case, such as text/html
    charset: str | None
    url: str  # after redirects


def fetch(url: str) -> Page:
    """What the address holds. Raises OSError where that is nothing, too much or too slow."""
    request = Request(url, headers={"User-Agent": f"lichang/{__version__}", "Accept-Encoding": "identity"})
    deadline = time.monotonic() + _TOTAL
    try:
        with _opener().open(request, timeout=_WAIT) as response:
            data = bytearray()
            while chunk := response.read1(_CHUNK):
                data += chunk
                if len(data) > MAX_BYTES:
                    raise OSError(f"it sends more than {MAX_BYTES:,} bytes")
                if time.monotonic() > deadline:
                    raise OSError(f"it is not done after {_TOTAL:g} seconds")
            headers = response.headers
            return Page(bytes(data), headers.get_content_type(), headers.get_content_charset(), response.url)
    except (URLError, ValueError) as error:  # ValueError: an address that is none
        raise OSError(str(error)) from error


def _opener() -> OpenerDirector:
    """One without the handlers for files and FTP, where a redirect might lead."""
    opener = OpenerDirector()
    for handler in (
        ProxyHandler,
        HTTPHandler,
        HTTPSHandler,
        HTTPRedirectHandler,
        HTTPDefaultErrorHandler,
        HTTPErrorProcessor,
    ):
        opener.add_handler(handler())
    return opener
