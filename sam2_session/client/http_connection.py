"""Carries operations to a server over REST, and goes on after a lost connection."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx

from sam2_session.client.connection import Json
from sam2_session.client.files import CHUNK_BYTES, packed, written_whole
from sam2_session.client.job_events import QUIET_S, facts_in
from sam2_session.core.errors import (
    HostUnavailable,
    InvalidRequest,
    ServerBusy,
    SessionError,
    error_from_wire,
)
from sam2_session.runtime import monotonic, sleep
from sam2_session.services.operations.operation import Body, Media, Operation, Route
from sam2_session.services.operations.server import EVENTS_PATH

TIMEOUTS = httpx.Timeout(60.0, connect=10.0, read=180.0, pool=None)  # a mask may wait for its model
LISTENING = httpx.Timeout(60.0, connect=10.0, read=QUIET_S, pool=None)
RETRY_S, BUSY_S = 0.2, 1.0
LOOPBACK = ("127.0.0.1", "localhost", "::1")
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout)

Send = Callable[[], httpx.Response]


class HttpConnection:
    """Talks to the REST interface of a server.

    A server that has answered once is waited for up to `patience_s` seconds when it goes away. What
    only reads is then sent again; what changes something only if it was never sent, so that nothing
    is done twice.
    """

    is_remote = True

    def __init__(self, url: str, token: str | None = None, *, patience_s: float = 30.0) -> None:
        self._url = url.split("#", 1)[0].rstrip("/")
        self._patience_s = patience_s
        self._has_answered = False
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            is_near = self._is_near = httpx.URL(self._url).host in LOOPBACK
            self._http = _open(headers, is_near)
        except (httpx.InvalidURL, UnicodeEncodeError) as error:
            raise InvalidRequest(f"{url!r} is no address: {error}.") from error
        except OSError as error:
            raise InvalidRequest(
                f"The certificates cannot be read: {error}.", hint="Mend or unset SSL_CERT_FILE."
            ) from error

    def call(self, operation: Operation[Any], /, **fields: Any) -> Any:
        route = _route_of(operation)
        url, query, rest = self._address(operation, fields)
        sent: dict[str, Any] = {"params": query}
        if route.body is Body.PNG:
            sent |= {"content": rest[route.raw_field], "headers": {"Content-Type": "image/png"}}
        elif route.body is not Body.NONE:
            sent["json"] = rest
        response = self._send(operation, lambda: self._http.request(route.method, url, **sent))
        return response.content if isinstance(operation.answer, Media) else _json(response)

    def send_file(self, operation: Operation[Any], path: Path, /, **fields: Any) -> Any:
        url, query, rest = self._address(operation, fields)
        form = {name: json.dumps(value) for name, value in rest.items()}
        with packed(path) as file:

            def send() -> httpx.Response:
                with file.open("rb") as content:
                    files = {"file": (file.name, content)}
                    return self._http.post(url, params=query, data=form, files=files)

            return _json(self._send(operation, send))

    def save_file(self, operation: Operation[Any], target: Path, /, **fields: Any) -> None:
        url, query, _ = self._address(operation, fields)

        def receive() -> httpx.Response:
            with self._http.stream("GET", url, params=query) as response:
                if response.is_error:
                    response.read()
                    return response
                with written_whole(target) as file:
                    for chunk in response.iter_bytes(CHUNK_BYTES):
                        file.write(chunk)
                return response

        self._send(operation, receive)

    def state(self) -> str:
        """Ask whether the session process answers: ``ready``, or what it does instead."""
        with self._transport_errors():
            response = self._http.get(f"{self._url}/readyz")
        if response.status_code not in (HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE):
            raise _error_of(response)
        return response.text.strip()

    @contextmanager
    def hear_of(self, job_id: str, video_id: str | None) -> Iterator[Iterator[Json | None]]:
        query = {"video_id": video_id} if video_id else {}
        url = self._url + EVENTS_PATH
        request = self._http.build_request("GET", url, params=query, timeout=LISTENING)
        with self._transport_errors():
            response = self._http.send(request, stream=True)
        try:
            if response.is_error:
                with self._transport_errors():
                    response.read()
                raise _error_of(response)
            yield facts_in(_lines_of(response), job_id)
        finally:
            response.close()

    def close(self) -> None:
        """Close the sockets; the next call opens new ones."""
        headers = self._http.headers
        self._http.close()
        self._http = _open(headers, self._is_near)

    def _address(
        self, operation: Operation[Any], fields: dict[str, Any]
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """Sort fields by where they go: into the URL, its query, or the body."""
        route = _route_of(operation)
        named = {name: fields[name] for name in operation.path_names}
        query = {name: _query_text(fields[name]) for name in route.query if name in fields}
        rest = {name: v for name, v in fields.items() if name not in named and name not in query}
        return self._url + operation.address(**named), query, rest

    def _send(self, operation: Operation[Any], send: Send) -> httpx.Response:
        until_s = monotonic() + (self._patience_s if self._has_answered else 0.0)
        while True:
            try:
                with self._transport_errors():
                    response = send()
                self._has_answered = True
                if response.is_success:
                    return response
                raise _error_of(response)
            except ServerBusy:  # nothing was done, so it may be sent again
                if monotonic() > until_s:
                    raise
                sleep(BUSY_S)
            except HostUnavailable as error:
                if monotonic() > until_s or not _may_repeat(operation, error):
                    raise
            sleep(RETRY_S)

    @contextmanager
    def _transport_errors(self) -> Iterator[None]:
        """Raise errors of the network as `HostUnavailable`."""
        try:
            yield
        except NEVER_SENT as error:
            raise HostUnavailable(f"{self._url} cannot be reached: {error}.") from error
        except httpx.TransportError as error:
            raise HostUnavailable(
                f"{self._url} went away before it answered: {error or type(error).__name__}. A "
                "change that was on its way may be done or not: look before you repeat it."
            ) from error


def _lines_of(response: httpx.Response) -> Iterator[str]:
    """Read lines as they come, until the other side breaks off or says nothing any more."""
    with suppress(httpx.TransportError, httpx.StreamError):
        yield from response.iter_lines()


def _open(headers: Any, is_near: bool) -> httpx.Client:
    """Make the HTTP client; this machine is never reached through a proxy of the environment.

    Certificates are those of the environment's SSL_CERT_FILE, wherever the server is.
    """
    verify = httpx.create_ssl_context()
    return httpx.Client(headers=headers, timeout=TIMEOUTS, trust_env=not is_near, verify=verify)


def _may_repeat(operation: Operation[Any], error: HostUnavailable) -> bool:
    return operation.method == "GET" or isinstance(error.__cause__, NEVER_SENT)


def _route_of(operation: Operation[Any]) -> Route:
    if operation.route is None:
        raise InvalidRequest(
            f"{operation.name} is not in REST.", hint="A Studio can do it, or the socket."
        )
    return operation.route


def _query_text(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError as error:
        raise HostUnavailable(f"{response.url} did not answer in JSON.") from error


def _error_of(response: httpx.Response) -> SessionError:
    try:
        return error_from_wire(response.json()["error"], response.status_code)
    except (ValueError, LookupError, TypeError, AttributeError):
        text = f"The server answered {response.status_code}."
        return error_from_wire({"code": "error", "message": text}, response.status_code)
