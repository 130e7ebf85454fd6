"""The pages themselves. Each is whole without script; htmx exchanges parts of it."""

import asyncio
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Depends, Form, Request
from fastapi import Path as PathPart
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from lichang.records import ATTITUDES, BALANCES, CAMPS, KINDS
from lichang.review import seconds
from lichang.review.charts import charts
from lichang.review.desk import (
    BIGGEST_KEY,
    LANGUAGE,
    REVIEWER,
    Desk,
    desk_of,
    language_of,
    reviewer_of,
)
from lichang.review.export_overview import as_html, as_png
from lichang.review.filters import Address, wanted_of
from lichang.review.language import LANGUAGES, words
from lichang.review.layout import lay_out
from lichang.review.overview import read_overview
from lichang.review.queries import ORDERS, count_wide, list_work, read_article
from lichang.review.saved import read_filters
from lichang.review.security import cookie_header, same
from lichang.store.schema import STATUSES
from lichang.terminal import BOUND_SIGNS, value

router = APIRouter(include_in_schema=False)
_Desk = Annotated[Desk, Depends(desk_of)]
_MONTH = 60 * 60 * 24 * 30  # seconds
_SLOW = 1.0  # seconds that a wrong password costs
_DISPUTES_SHOWN = 30
_ATTITUDE_SIGNS = {"for": "＋", "against": "－", "reports": "○", None: ""}
_CAMP_SIGNS = {"dependency": "依", "containment": "遏", "neither": ""}


@cache
def _templates() -> Environment:
    found = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals.update(
        CAMPS=CAMPS,
        ATTITUDES=ATTITUDES,
        KINDS=KINDS,
        STATUSES=STATUSES,
        BALANCES=BALANCES,
        ORDERS=ORDERS,
        BOUNDS=tuple(BOUND_SIGNS),
        attitude_sign=_ATTITUDE_SIGNS.get,
        camp_sign=_CAMP_SIGNS.get,
        value=value,
        link=_link,
    )
    found.filters["json"] = lambda found: json.dumps(found, ensure_ascii=False)
    return found


def _link(url: str | None) -> str | None:
    """The address if it is one of the web; an article may name any, javascript: too."""
    if url is None:
        return None
    try:
        return url if urlsplit(url).scheme in ("http", "https") else None
    except ValueError:
        return None


def _page(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    language = language_of(request)
    other = "zh" if language == "en" else "en"
    body = (
        _templates()
        .get_template(template)
        .render(
            t=words(language),
            language=language,
            reviewer=reviewer_of(request),
            path=request.url.path,
            other_language=other,
            other_address=f"?{request.url.include_query_params(lang=other).query}",
            **context,
        )
    )
    response = HTMLResponse(body, status)
    if request.query_params.get("lang") in LANGUAGES:
        response.set_cookie(LANGUAGE, language, max_age=_MONTH, httponly=True, samesite="lax")
    return response


@router.get("/")
def inbox(request: Request, desk: _Desk) -> Response:
    """The worklist."""
    given: Mapping[str, str] = request.query_params
    disputed = desk.disputes.current().claims
    wanted = wanted_of(given, disputed)
    with desk.store.read() as connection:
        work, saved = list_work(connection, wanted), read_filters(connection)
    return _page(
        request,
        "inbox.html",
        work=work,
        wanted=wanted,
        address=Address(given),
        disputed=disputed,
        saved=saved,
    )


@router.get("/facets")
def facets(request: Request, desk: _Desk) -> Response:
    """The counts by holder and outlet, which the inbox asks for once it is shown."""
    given: Mapping[str, str] = request.query_params
    wanted = wanted_of(given, desk.disputes.current().claims)
    with desk.store.read() as connection:
        counts = count_wide(connection, wanted)
    return _page(request, "_facets.html", counts=counts, names=tuple(counts), address=Address(given))


@router.get("/articles/{document}")
def article(
    request: Request, desk: _Desk, document: Annotated[int, PathPart(ge=1, le=BIGGEST_KEY)]
) -> Response:
    """An article beside its claims and figures."""
    with desk.store.read() as connection:
        reading = read_article(connection, document)
    if reading is None:
        return _page(request, "missing.html", 404)
    judged = reading.judged
    within: dict[str | None, list[Any]] = {}
    for figure in judged.figures:
        within.setdefault(figure.figure.claim, []).append(figure)
    known = {one.claim.id for one in judged.claims}
    loose = [figure for owner, figures in within.items() if owner not in known for figure in figures]
    part = "_work.html" if request.headers.get("hx-request") else "article.html"
    scores = [unit.scores for unit in judged.record.units]
    return _page(
        request,
        part,
        reading=reading,
        judged=judged,
        paragraphs=lay_out(judged),
        within=within,
        loose=loose,
        rivals=desk.disputes.current().rivals(reading.article.id),
        scores=scores,
        holders=sorted({one.claim.holder for one in judged.claims if one.claim.holder}),
    )


@router.get("/overview")
def overview(request: Request, desk: _Desk) -> Response:
    """Plots of the whole store, and how the model fares."""
    with desk.store.read() as connection:
        found = read_overview(connection)
    disputes = desk.disputes.current().found[:_DISPUTES_SHOWN]
    specs = charts(found, disputes, words(language_of(request)))
    return _page(request, "overview.html", overview=found, specs=specs, disputes=disputes)


@router.get("/overview.html")
def overview_html(request: Request, desk: _Desk) -> Response:
    """The overview as one file that needs nothing else."""
    with desk.store.read() as connection:
        found = read_overview(connection)
    body = as_html(found, desk.disputes.current().found[:_DISPUTES_SHOWN], language_of(request))
    # As a file to keep: shown in place, its own script would be against the policy.
    return HTMLResponse(body, headers={"content-disposition": "attachment; filename=overview.html"})


@router.get("/overview.png")
def overview_png(request: Request, desk: _Desk) -> Response:
    """The overview's plots as a picture."""
    with desk.store.read() as connection:
        found = read_overview(connection)
    disputes = desk.disputes.current().found[:_DISPUTES_SHOWN]
    return Response(
        as_png(found, disputes, language_of(request)),
        media_type="image/png",
        headers={"content-disposition": "attachment; filename=overview.png"},
    )


@router.get("/second")
def second(request: Request, desk: _Desk) -> Response:
    """Blind second review: one claim at a time."""
    with desk.store.read() as connection:
        blind = seconds.next_blind(connection, reviewer_of(request))
    return _page(request, "second.html", blind=blind)


@router.get("/agreement")
def agreement(request: Request, desk: _Desk) -> Response:
    """How far two reviewers agree, and what to settle."""
    with desk.store.read() as connection:
        found = seconds.agreement(connection)
    return _page(request, "agreement.html", agreement=found)


@router.post("/reviewer")
def name_reviewer(request: Request, name: Annotated[str, Form(max_length=60)]) -> Response:
    """Remember who is at this browser, and go back to the page that the name was given on."""
    given = urlsplit(request.headers.get("referer", ""))
    ours = given.netloc == request.url.netloc and given.path.startswith("/") and given.path[1:2] not in "/\\"
    back = given._replace(scheme="", netloc="", fragment="").geturl() if ours and given.path else "/"
    response = RedirectResponse(back, 303)
    response.set_cookie(REVIEWER, quote(name.strip()), max_age=_MONTH, httponly=True, samesite="lax")
    return response


@router.get("/login")
def login(request: Request) -> Response:
    """Where a password is asked for."""
    return _page(request, "login.html", wrong=False)


@router.post("/login")
async def enter(request: Request, desk: _Desk, password: Annotated[str, Form(max_length=200)]) -> Response:
    """Trade the password, or the token of the printed link, for the cookie."""
    if not (same(password, desk.password or desk.token) or same(password, desk.token)):
        await asyncio.sleep(_SLOW)
        return _page(request, "login.html", 401, wrong=True)
    response = RedirectResponse("/", 303)
    response.headers["set-cookie"] = cookie_header(desk.cookie, desk.token)
    return response
