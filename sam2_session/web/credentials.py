"""Checks the token, sent as bearer, in a cookie or by a websocket; slows down guessing."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode
from collections.abc import Callable
from typing import Any

from werkzeug.http import dump_cookie, parse_cookie

from sam2_session.core.errors import Unauthorized
from sam2_session.runtime import Lock, monotonic
from sam2_session.services.operations.operation import Access
from sam2_session.web.errors import TooManyAttempts

WINDOW_S = 60.0
MAX_FAILURES = 10  # different wrong tokens per address within the window
MAX_ADDRESSES = 10_000
TOKEN_PROTOCOL = "token."
COOKIE_LIFE_S = 30 * 24 * 3600


class FailedLogins:
    """Counts wrong tokens per address; a repeated one, such as an old cookie, counts once.

    The right token is never counted or refused: many people may share one address.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._tokens_by_address: dict[str, dict[bytes, float]] = {}

    def check(self, address: str) -> None:
        """Raise TooManyAttempts if the address sent too many wrong tokens in the last minute."""
        with self._lock:
            if len(self._recent(address)) >= MAX_FAILURES:
                raise TooManyAttempts(
                    "Too many wrong tokens.", hint="Wait a minute, then try again."
                )

    def add(self, address: str, secret: str) -> None:
        """Record a wrong token."""
        with self._lock:
            if len(self._tokens_by_address) >= MAX_ADDRESSES:
                self._tokens_by_address = {
                    known: digests
                    for known in self._tokens_by_address
                    if (digests := self._recent(known))
                }
            self._tokens_by_address.setdefault(address, {})[_digest(secret)] = self._clock()

    def _recent(self, address: str) -> dict[bytes, float]:
        since_s = self._clock() - WINDOW_S
        recent = {
            k: at_s
            for k, at_s in self._tokens_by_address.get(address, {}).items()
            if at_s > since_s
        }
        if address in self._tokens_by_address:
            self._tokens_by_address[address] = recent
        return recent


class Credentials:
    """Checks the tokens: one lets change everything, the other one look and export.

    Without any token every request may change everything.
    """

    def __init__(self, token: str, view_token: str = "") -> None:
        tokens = {Access.EDIT: token, Access.EXPORT: view_token}
        self._tokens = {access: secret for access, secret in tokens.items() if secret}
        self._cookies = {access: _cookie_for(secret) for access, secret in self._tokens.items()}
        self._failures = FailedLogins()

    @property
    def required(self) -> bool:
        """Return whether this server has a token at all."""
        return bool(self._tokens)

    def login(self, environ: dict[str, Any], token: object) -> tuple[Access, str]:
        """Return what a right token lets do, and its Set-Cookie value.

        Raises Unauthorized, TooManyAttempts.
        """
        access = self._find(environ, str(token), self._tokens)
        return access, write_cookie(environ, self._cookies.get(access, ""), COOKIE_LIFE_S)

    def check(self, environ: dict[str, Any]) -> Access:
        """Return what the request's token lets do. Raises Unauthorized, TooManyAttempts."""
        if not self.required:
            return Access.EDIT
        if (token := token_of(environ)) is not None:
            return self._find(environ, token, self._tokens)
        if (cookie := cookie_of(environ)) is not None:
            return self._find(environ, cookie, self._cookies)
        raise Unauthorized

    def access_of(self, environ: dict[str, Any], token: object) -> Access | None:
        """Return what this token lets do, None for a wrong one; that is counted."""
        try:
            return self._find(environ, str(token), self._tokens)
        except (Unauthorized, TooManyAttempts):
            return None

    def _find(self, environ: dict[str, Any], given: str, wanted: dict[Access, str]) -> Access:
        # a right token passes, even from the address of somebody who guesses
        if not self.required:
            return Access.EDIT
        sent = given.encode(errors="replace")
        for access, secret in wanted.items():
            if hmac.compare_digest(sent, secret.encode()):
                return access
        address = environ.get("REMOTE_ADDR", "")
        self._failures.check(address)
        self._failures.add(address, given)
        raise Unauthorized


def _cookie_for(token: str) -> str:
    return hmac.digest(token.encode(), b"sam2-session cookie", "sha256").hex()


def token_of(environ: dict[str, Any]) -> str | None:
    """Return the token in the Authorization header, or among the protocols of a websocket.

    Browsers cannot set headers of a websocket, but may name protocols for it: one of these is
    ``token.`` followed by the token in base64url.
    """
    kind, _, bearer = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if kind.lower() == "bearer":
        return str(bearer).strip()
    if "HTTP_UPGRADE" not in environ:
        return None
    for name in environ.get("HTTP_SEC_WEBSOCKET_PROTOCOL", "").split(","):
        if name.strip().startswith(TOKEN_PROTOCOL):
            return _decode_base64url(name.strip().removeprefix(TOKEN_PROTOCOL))
    return None


def _decode_base64url(text: str) -> str:
    """Decode a token; broken base64 gives an empty text, which is never the token."""
    try:
        return b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
    except ValueError:
        return ""


def cookie_name(environ: dict[str, Any]) -> str:
    """Return the cookie's name; it holds the port, since servers of one machine share cookies."""
    return f"sam2_session_{environ.get('SERVER_PORT', '')}"


def write_cookie(environ: dict[str, Any], value: str, life_s: int) -> str:
    """Write the Set-Cookie value; a life of 0 makes the browser forget the cookie."""
    return dump_cookie(
        cookie_name(environ),
        value,
        max_age=life_s,
        path=environ.get("SCRIPT_NAME", "") + "/",
        httponly=True,
        samesite="Strict",
        secure=environ["wsgi.url_scheme"] == "https",
    )


def cookie_of(environ: dict[str, Any]) -> str | None:
    """Return this server's cookie of a request, if it has one."""
    return parse_cookie(environ).get(cookie_name(environ))


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode(errors="replace")).digest()
