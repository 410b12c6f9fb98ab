"""Gives a repeated request the answer of the first one, by its `Idempotency-Key`.

So a client whose connection broke can send a change again without making it twice. Answers are kept
in memory for a day, the newest only, and until the server ends.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Request, Response

from sam2_session.core.errors import InvalidRequest, SessionError
from sam2_session.runtime import Future, Lock, monotonic
from sam2_session.web.errors import error_response

HEADER, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"
MAX_KEY_CHARS = 200
MAX_ANSWERS = 2000
MAX_ANSWER_BYTES = 256 * 1024  # the answer of a change is far smaller
KEPT_S = 24 * 3600.0
WAIT_S = 180.0  # for the first request to end


class KeyReused(SessionError):
    """An `Idempotency-Key` was sent before with another request."""

    code, status = "idempotency_key_reused", 422


class StillRunning(SessionError):
    """The first request with this `Idempotency-Key` has not ended yet."""

    code, status = "still_running", 409


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def response(self) -> Response:
        response = Response(self.body, self.status, self.headers)
        response.headers[REPLAYED] = "true"
        return response


@dataclass(frozen=True, slots=True)
class _Sent:
    fingerprint: str
    answer: Future[_Answer | None] = field(default_factory=Future)
    at_s: float = field(default_factory=monotonic)


class KeptAnswers:
    """The answers of the last changes that were sent with a key."""

    def __init__(self) -> None:
        self._sent: OrderedDict[str, _Sent] = OrderedDict()
        self._lock = Lock()

    def run(self, request: Request, body: bytes, change: Callable[[], Response]) -> Response:
        """Make a change, or return the answer that it was given the first time.

        Raises InvalidRequest for a bad key, KeyReused, and StillRunning after a long wait. A change
        that the server could not make (5xx) is not remembered: it may be sent again.
        """
        key = request.headers[HEADER]
        if not 1 <= len(key) <= MAX_KEY_CHARS or not key.isprintable():
            raise InvalidRequest(f"{HEADER} takes 1 to {MAX_KEY_CHARS} characters.")
        fingerprint = _fingerprint(request, body)
        while True:
            with self._lock:
                sent = self._find(key)
                if sent is None:
                    sent = self._sent[key] = _Sent(fingerprint)
                    break
            if (answer := _repeated(sent, fingerprint)) is not None:
                return answer.response()
        return self._first(key, sent, change)

    def _first(self, key: str, sent: _Sent, change: Callable[[], Response]) -> Response:
        answer = None
        try:
            response = _response_of(change)
            answer = _kept(response)
            return response
        finally:
            if answer is None:
                with self._lock:
                    self._sent.pop(key, None)
            sent.answer.set_result(answer)

    def _find(self, key: str) -> _Sent | None:
        """Find what was sent with a key; drop the oldest, and those older than a day."""
        now = monotonic()
        while self._sent:
            oldest = next(iter(self._sent.values()))
            if len(self._sent) < MAX_ANSWERS and now - oldest.at_s < KEPT_S:
                break
            self._sent.popitem(last=False)
        return self._sent.get(key)


def _repeated(sent: _Sent, fingerprint: str) -> _Answer | None:
    """Wait for the first answer; None if there is none to give, so that this one is made."""
    if sent.fingerprint != fingerprint:
        raise KeyReused(
            f"This {HEADER} was sent with another request.", hint="Make a new key for each change."
        )
    try:
        return sent.answer.result(WAIT_S)
    except TimeoutError:
        raise StillRunning("The first request is still being answered.", hint="Wait.") from None


def _response_of(change: Callable[[], Response]) -> Response:
    try:
        return change()
    except SessionError as error:
        return error_response(error)


def _kept(response: Response) -> _Answer | None:
    if response.status_code >= 500 or response.is_streamed:
        return None
    body = response.get_data()
    if len(body) > MAX_ANSWER_BYTES:
        return None
    return _Answer(response.status_code, tuple(response.headers.items()), body)


def _fingerprint(request: Request, body: bytes) -> str:
    head = f"{request.method} {request.full_path} {request.content_length or 0}\n"
    return hashlib.sha256(head.encode() + body).hexdigest()
