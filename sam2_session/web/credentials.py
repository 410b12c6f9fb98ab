"""The token: how it is shown, compared, kept in a cookie, and guarded against guessing."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode
from collections.abc import Callable
from typing import Any

from werkzeug.http import dump_cookie, parse_cookie

from sam2_session.core.errors import Unauthorized
from sam2_session.runtime import Lock, monotonic
from sam2_session.web.errors import TooManyAttempts

WINDOW_S = 60.0
MAX_FAILURES = 10  # wrong tokens per address and window
MAX_ADDRESSES = 10_000
TOKEN_PROTOCOL = "token."
COOKIE_LIFE_S = 30 * 24 * 3600


class Failures:
    """Counts different wrong tokens per address; the same one again (an old cookie) counts once."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._seen: dict[str, dict[bytes, float]] = {}

    def check(self, address: str) -> None:
        """Raise TooManyAttempts while an address has used up its guesses."""
        with self._lock:
            if len(self._recent(address)) >= MAX_FAILURES:
                raise TooManyAttempts("Too many wrong tokens.", hint="Wait a minute.")

    def add(self, address: str, secret: str) -> None:
        """Remember one wrong token."""
        with self._lock:
            if len(self._seen) >= MAX_ADDRESSES:
                self._seen = {one: seen for one in self._seen if (seen := self._recent(one))}
            self._seen.setdefault(address, {})[_digest(secret)] = self._clock()

    def _recent(self, address: str) -> dict[bytes, float]:
        since_s = self._clock() - WINDOW_S
        recent = {k: at_s for k, at_s in self._seen.get(address, {}).items() if at_s > since_s}
        if address in self._seen:
            self._seen[address] = recent
        return recent


class Credentials:
    """Decides whether a request comes from somebody who has the token; an empty one opens all."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._cookie = hmac.digest(token.encode(), b"sam2-session cookie", "sha256").hex()
        self._failures = Failures()

    @property
    def needed(self) -> bool:
        """Whether there is a token at all."""
        return bool(self._token)

    def login(self, environ: dict[str, Any], token: object) -> str:
        """The Set-Cookie value for the right token. Raises Unauthorized, TooManyAttempts."""
        self._compare(environ, str(token), self._token)
        return dump_cookie(
            cookie_name(environ),
            self._cookie,
            max_age=COOKIE_LIFE_S,
            httponly=True,
            samesite="Strict",
            secure=environ["wsgi.url_scheme"] == "https",
        )

    def check(self, environ: dict[str, Any]) -> None:
        """Raise Unauthorized unless the request may pass."""
        if not self.needed:
            return
        if (token := token_of(environ)) is not None:
            self._compare(environ, token, self._token)
        elif (cookie := cookie_of(environ)) is not None:
            self._compare(environ, cookie, self._cookie)
        else:
            raise Unauthorized

    def is_token(self, environ: dict[str, Any], token: object) -> bool:
        """Whether this is the token; a wrong one counts as a failure."""
        try:
            self._compare(environ, str(token), self._token)
        except (Unauthorized, TooManyAttempts):
            return False
        return True

    def _compare(self, environ: dict[str, Any], given: str, wanted: str) -> None:
        address = environ.get("REMOTE_ADDR", "")
        self._failures.check(address)
        if not self.needed or hmac.compare_digest(given.encode(errors="replace"), wanted.encode()):
            return
        self._failures.add(address, given)
        raise Unauthorized


def token_of(environ: dict[str, Any]) -> str | None:
    """The token a request shows by itself: as bearer, or beside a websocket's protocol.

    Browsers cannot add headers to a websocket, but they name protocols: one of them may be
    ``token.`` and the token in base64url.
    """
    kind, _, bearer = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if kind.lower() == "bearer":
        return str(bearer).strip()
    if "HTTP_UPGRADE" not in environ:
        return None
    for name in environ.get("HTTP_SEC_WEBSOCKET_PROTOCOL", "").split(","):
        if name.strip().startswith(TOKEN_PROTOCOL):
            return _from_base64url(name.strip().removeprefix(TOKEN_PROTOCOL))
    return None


def _from_base64url(text: str) -> str:
    """The text, or nothing (which no token is) if it is none."""
    try:
        return b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
    except ValueError:
        return ""


def cookie_name(environ: dict[str, Any]) -> str:
    """Cookies ignore ports, so the name holds it: two servers of one machine do not mix."""
    return f"sam2_session_{environ.get('SERVER_PORT', '')}"


def cookie_of(environ: dict[str, Any]) -> str | None:
    """Our cookie of the request."""
    return parse_cookie(environ).get(cookie_name(environ))


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode(errors="replace")).digest()
