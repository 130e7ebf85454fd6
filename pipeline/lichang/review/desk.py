"""What every page and every API call needs: the store, who is asking, and in which language."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from fastapi import Request

from lichang.review.decisions import DecisionError, check_name
from lichang.review.disputes import DisputeDesk
from lichang.review.language import LANGUAGES
from lichang.store.open import Store

REVIEWER = "lichang-reviewer"  # cookie, percent-encoded: names are Chinese more often than not
LANGUAGE = "lichang-language"  # cookie
BIGGEST_KEY = 2**63 - 1  # that a database column holds


@dataclass(frozen=True)
class Desk:
    """One running page."""

    store: Store
    token: str
    cookie: str  # name of the cookie that holds the token
    reviewer: str  # who decides where the browser names nobody
    password: str | None  # asked for where others can reach the page
    disputes: DisputeDesk = field(repr=False)


def desk_of(request: Request) -> Desk:
    """The desk that serves a request."""
    desk: Desk = request.app.state.desk
    return desk


def reviewer_of(request: Request) -> str:
    """Who is asking: the header X-Reviewer or the cookie, both percent-encoded UTF-8."""
    given = request.headers.get("x-reviewer") or request.cookies.get(REVIEWER) or ""
    name = unquote(given, errors="replace").strip()
    try:
        check_name(name)
    except DecisionError:
        return desk_of(request).reviewer
    return name


def language_of(request: Request) -> str:
    """zh or en: what the address asks for, else what was chosen before."""
    asked = request.query_params.get("lang") or request.cookies.get(LANGUAGE)
    return asked if asked in LANGUAGES else "zh"


def fields_of(value: Any) -> Any:
    """A struct as plain dicts and lists, for JSON."""
    import msgspec

    return msgspec.to_builtins(value, str_keys=True)
