"""The application: pages, API and static files behind the guard."""

import secrets
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.staticfiles import StaticFiles

from lichang import __version__
from lichang.errors import LichangError
from lichang.review import api, pages
from lichang.review.decisions import DecisionError
from lichang.review.desk import Desk
from lichang.review.disputes import DisputeDesk
from lichang.review.security import Guard
from lichang.store.events import Conflict
from lichang.store.open import Store

HERE = Path(__file__).parent
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def create_app(
    store: Store,
    *,
    token: str | None = None,
    hosts: Iterable[str] = LOOPBACK,
    port: int = 0,
    reviewer: str = "reviewer",
    password: str | None = None,
) -> Guard:
    """The page over a store, as an ASGI application.

    `hosts` are the names it answers to (see `Guard`); the port keeps the cookies of two pages on one
    machine apart. The store is to be opened `durable`: "saved" is said once the decision is on disk.
    """
    desk = Desk(
        store=store,
        token=token or secrets.token_urlsafe(24),
        cookie=f"lichang-{port}",
        reviewer=reviewer,
        password=password,
        disputes=DisputeDesk(store),
    )
    app = FastAPI(
        title="lichang review",
        version=__version__,
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.state.desk = desk
    app.include_router(api.router)
    app.include_router(pages.router)
    app.mount("/static", StaticFiles(directory=HERE / "static"))
    for kind, status in ((Conflict, 409), (DecisionError, 422), (LichangError, 503)):
        app.add_exception_handler(kind, _handler(status))
    return Guard(app, token=desk.token, hosts=hosts, cookie=desk.cookie)


def _handler(status: int) -> Callable[[Request, Any], Awaitable[JSONResponse]]:
    async def handle(_: Request, error: Any) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status)

    return handle
