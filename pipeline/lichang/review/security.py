"""Who may talk to the page: a token, a Host that is ours, an Origin that is ours, and a strict policy.

The page listens on this machine, where any web page in the analyst's browser can reach it too. The Host
check stops DNS rebinding, the Origin check stops forms and scripts of other sites, the token stops
everyone else on the machine, and the policy stops article text from ever running as script.
"""

import hmac
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    # Not no-referrer: forms would then send `Origin: null`, as other sites' sandboxes do.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_SAFE = frozenset({"GET", "HEAD"})
_OPEN = ("/static/", "/login")  # what is served without a token


class Guard:
    """An ASGI application around another one, which it only lets rightful requests through to."""

    def __init__(self, app: App, *, token: str, hosts: Iterable[str], cookie: str) -> None:
        """`hosts` are names without a port; an empty one lets any IP address literal pass."""
        self._app, self._token, self._cookie = app, token, cookie
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_encoded(_extra(scope["path"]))]
            await send(message)

        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await _answer(guarded, *refusal)
        elif (given := _token_in(scope)) is not None and scope["method"] == "GET":
            await self._enter(scope, given, guarded)
        elif self._is_known(scope["path"], headers):
            await self._app(scope, receive, guarded)
        elif "text/html" in headers.get("accept", ""):
            await _answer(guarded, 303, "", {"location": "/login"})
        else:
            await _answer(guarded, 401, "Open the link that lichang review printed, or send its token.")

    def _refusal(self, scope: Scope, headers: dict[str, str]) -> tuple[int, str] | None:
        host = headers.get("host", "")
        if not is_allowed(host, self._hosts):
            return 421, f"This server is not {host[:100]!r}."
        if scope["method"] in _SAFE:
            return None
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2] != host:
            return 403, "Requests of other sites are refused."
        if origin is None and headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            return 403, "Requests of other sites are refused."
        return None

    def _is_known(self, path: str, headers: dict[str, str]) -> bool:
        if path.startswith(_OPEN):
            return True
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        given = bearer if scheme.lower() == "bearer" else _cookie_in(headers, self._cookie)
        return same(given, self._token)

    async def _enter(self, scope: Scope, given: str, send: Any) -> None:
        """Trade the token in the link for a cookie, and drop it from the address."""
        if not same(given, self._token):
            await _answer(send, 401, "This link is of another run; take the one printed last.")
            return
        rest = [(k, v) for k, vs in _query(scope).items() if k != "token" for v in vs]
        place = scope["path"] + (f"?{urlencode(rest)}" if rest else "")
        place = "/" + place.lstrip("/\\")  # //elsewhere would be another site
        await _answer(
            send, 303, "", {"location": place, "set-cookie": cookie_header(self._cookie, self._token)}
        )


def is_allowed(host: str, names: frozenset[str]) -> bool:
    """May a request name this host? An address literal cannot be a rebound name.

    >>> is_allowed("127.0.0.1:8000", frozenset({"127.0.0.1"})), is_allowed("evil.example:8000", frozenset({""}))
    (True, False)
    >>> is_allowed("192.0.2.7:8000", frozenset({""})), is_allowed("192.0.2.7", frozenset({"127.0.0.1"}))
    (True, False)
    """
    if set(host) & set("/?#@\\ "):
        return False
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return bool(name) and (name in names or ("" in names and bool(ip_address(name))))
    except ValueError:  # no host at all, or a name where an address has to be
        return False


def same(given: str | None, expected: str) -> bool:
    """Are the two the same? Takes as long whatever the answer."""
    return given is not None and hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def cookie_header(name: str, value: str) -> str:
    """The Set-Cookie value of a cookie that scripts cannot read and other sites cannot send along."""
    return f"{name}={value}; Path=/; HttpOnly; SameSite=Lax"


def _extra(path: str) -> dict[str, str]:
    kept = "public, max-age=3600" if path.startswith("/static/") else "no-store"
    return {**_HEADERS, "cache-control": kept}


def _query(scope: Scope) -> dict[str, list[str]]:
    return parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)


def _token_in(scope: Scope) -> str | None:
    return next(iter(_query(scope).get("token", ())), None) if b"token=" in scope["query_string"] else None


def _cookie_in(headers: dict[str, str], name: str) -> str | None:
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return None
    return None if morsel is None else morsel.value


def _encoded(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers.items()]


async def _answer(send: Any, status: int, body: str, headers: dict[str, str] | None = None) -> None:
    found = {"content-type": "text/plain; charset=utf-8", **(headers or {})}
    await send({"type": "http.response.start", "status": status, "headers": _encoded(found)})
    await send({"type": "http.response.body", "body": body.encode()})
