"""Refuses requests without the right Host, Origin and token, before any other code reads them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from sam2_session.core.errors import (
    Forbidden,
    InvalidRequest,
    ReadOnly,
    SessionError,
    Unauthorized,
)
from sam2_session.services.operations.operation import Access
from sam2_session.web.connection import connection_of
from sam2_session.web.cors import allow_origin, answer_preflight, is_preflight, vary_by_origin
from sam2_session.web.credentials import Credentials, cookie_of, token_of, write_cookie
from sam2_session.web.errors import TooManyAttempts, error_body, waiting_time
from sam2_session.web.headers import add_security_headers
from sam2_session.web.origins import AllowedHosts, foreign_origin
from sam2_session.web.public_address import PublicAddress, redirect_to_root

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
WsgiApp = Callable[[Environ, StartResponse], Iterable[bytes]]

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SOCKET_PATH = "/socket.io"
ACCESS = "sam2_session.access"  # key in environ: what the token lets do, None without one


class Guard:
    """WSGI middleware that checks Host, Origin and token, in this order."""

    def __init__(
        self,
        app: WsgiApp,
        *,
        hosts: AllowedHosts,
        public: PublicAddress,
        credentials: Credentials,
        declared_access: Callable[[Environ], Access],
        allowed_origins: Collection[str] = (),
    ) -> None:
        self._app = app
        self._hosts = hosts
        self._public = public
        self._credentials = credentials
        self._declared_access = declared_access
        self._allowed_origins = frozenset(allowed_origins)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        self._public.adopt(environ)
        guarded = add_security_headers(environ, start_response)
        if self._allowed_origins:
            guarded = vary_by_origin(guarded)
        _drop_proxy_headers(environ)
        try:
            if origin := self._check_host_and_origin(environ):
                guarded = allow_origin(origin, guarded)
                environ.pop("HTTP_COOKIE", None)
                if is_preflight(environ):
                    return answer_preflight(environ, guarded)
            if not environ["PATH_INFO"]:
                return redirect_to_root(environ, guarded)
            self._check_token(environ)
        except SessionError as error:
            return _refuse(environ, guarded, error)
        return self._app(environ, guarded)

    def _check_host_and_origin(self, environ: Environ) -> str | None:
        """Return the origin of an allowed page of another server; None for any other request."""
        host = environ.get("HTTP_HOST", "")
        self._hosts.check(host)
        own = {f"{environ['wsgi.url_scheme']}://{host}".lower(), self._public.origin}
        origin = environ.get("HTTP_ORIGIN")
        return foreign_origin(origin, own, self._allowed_origins) if origin else None

    def _check_token(self, environ: Environ) -> None:
        environ[ACCESS] = self._authenticated(environ)
        if _is_socket(environ):
            _check_upgrade(environ)

    def _authenticated(self, environ: Environ) -> Access | None:
        """Return what the token lets do; None without one on a public route.

        Raises Unauthorized, TooManyAttempts, ReadOnly.
        """
        wanted = Access.VIEW if _is_socket(environ) else self._declared_access(environ)
        try:
            access = self._credentials.check(environ)
        except (Unauthorized, TooManyAttempts):
            if wanted is not Access.PUBLIC:
                raise
            return None
        self._check_cookie_use(environ)
        if not access.covers(wanted):
            raise ReadOnly
        if (connection := connection_of(environ)) is not None:
            connection.admit()
        return access

    def _check_cookie_use(self, environ: Environ) -> None:
        """Refuse a change by cookie without an Origin: browsers send cookies for any page."""
        by_cookie = self._credentials.required and token_of(environ) is None
        changes = environ["REQUEST_METHOD"] not in SAFE_METHODS or _is_socket(environ)
        if by_cookie and changes and "HTTP_ORIGIN" not in environ:
            raise Forbidden(
                "A request that relies on the cookie needs an Origin header.",
                hint="In a script, send 'Authorization: Bearer TOKEN' instead of the cookie.",
            )


def _is_socket(environ: Environ) -> bool:
    path = environ.get("PATH_INFO", "")
    return bool(path == SOCKET_PATH or path.startswith(SOCKET_PATH + "/"))


def _check_upgrade(environ: Environ) -> None:
    """Refuse everything but a new websocket; long polling is off."""
    query = parse_qs(environ.get("QUERY_STRING", ""))
    upgrade = environ.get("HTTP_UPGRADE", "").lower() == "websocket"
    fresh = query.get("transport") == ["websocket"] and "sid" not in query
    if not (upgrade and fresh and environ["REQUEST_METHOD"] == "GET" and query.get("EIO") == ["4"]):
        raise InvalidRequest(
            "This server offers Socket.IO over websockets only, in protocol 4.",
            hint='Connect with transports: ["websocket"].',
        )


def _drop_proxy_headers(environ: Environ) -> None:
    for name in [name for name in environ if name.startswith("HTTP_X_FORWARDED")]:
        del environ[name]


def _refuse(environ: Environ, start_response: StartResponse, error: SessionError) -> list[bytes]:
    body = error_body(error)
    status = HTTPStatus(error.status)
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        *waiting_time(error).items(),
    ]
    if isinstance(error, Unauthorized):
        headers.append(("WWW-Authenticate", "Bearer"))
        if cookie_of(environ) is not None:  # it is out of date: make the browser forget it
            headers.append(("Set-Cookie", write_cookie(environ, "", 0)))
    start_response(f"{status.value} {status.phrase}", headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
