"""Socket.IO: a client event becomes one op and its ack; a fact goes to who should hear it."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Any

from engineio.exceptions import SocketIsClosedError
from flask import request
from flask_socketio import ConnectionRefusedError, SocketIO

from sam2_session.core.errors import HostUnavailable, InvalidRequest, SessionError, Unauthorized
from sam2_session.core.events import Event, EventName
from sam2_session.hosts.base import Host
from sam2_session.runtime import is_green, monotonic, sleep, spawn
from sam2_session.services.operations.table import EVENTS
from sam2_session.web.credentials import Credentials
from sam2_session.web.errors import rejected
from sam2_session.web.outbox import WINDOW_MESSAGES, Outbox
from sam2_session.web.packets import UNREADABLE

DONE = ("applied", "duplicate")
READ_WAIT_S = 30.0  # a client that does not read its acks is not listened to
READ_POLL_S = 0.01


class SocketDoor:
    """Connects one Socket.IO server to one host."""

    def __init__(self, socketio: SocketIO, host: Host, credentials: Credentials) -> None:
        self._socketio = socketio
        self._host = host
        self._credentials = credentials
        self._outbox = Outbox(self._send, self._queue_length)
        self._was_away = False
        for name in EVENTS:
            socketio.on_event(name, partial(self._on_op, name))
        socketio.on_event(UNREADABLE, _on_unreadable)
        socketio.on_event("*", self._on_unknown)
        socketio.on_event("connect", self._on_connect)
        socketio.on_event("disconnect", self._on_disconnect)
        socketio.on_error_default(_on_error)
        self.stop = host.subscribe(self._announce)

    def clients(self) -> int:
        """How many are connected."""
        return len(self._listeners(None))

    def _on_connect(self, auth: Any = None) -> None:
        """The guard has let the upgrade pass; a token that comes with it must be right, too."""
        token = auth.get("token") if isinstance(auth, dict) else None
        if token and not self._credentials.is_token(request.environ, token):
            raise ConnectionRefusedError(Unauthorized().to_wire())

    def _on_disconnect(self, _reason: Any = None) -> None:
        sid = _sid()
        self._outbox.forget(sid)
        # in a thread of its own: this may be the one that has to read the host's answer
        spawn(self._tell_left, sid, name="client-left")

    def _tell_left(self, sid: str) -> None:
        with suppress(HostUnavailable):  # a new session process knows of nobody anyway
            self._host.call("client_left", sid=sid)

    def _on_unknown(self, name: str, *args: Any) -> dict[str, Any]:
        error = InvalidRequest(f"No event {name[:80]!r}.", hint="docs/socket.md lists them.")
        return rejected(args[0] if args else None, error)

    def _on_op(self, name: str, *args: Any) -> dict[str, Any]:
        if len(args) != 1 or not isinstance(args[0], dict):
            error = InvalidRequest(f"{name} takes one object.", hint="docs/socket.md lists fields.")
            return rejected(args[0] if args else None, error)
        sid, data = _sid(), args[0]
        self._wait_until_read(sid)
        if name == "open_video":
            return self._open(sid, data)
        ack = self._apply(name, sid, data)
        if name == "close_video" and ack.get("status") in DONE:
            self._socketio.server.leave_room(sid, _room(data.get("video_id")))
        return ack

    def _open(self, sid: str, data: dict[str, Any]) -> dict[str, Any]:
        """Join first: a fact announced while the ack is made must not be lost."""
        room = _room(data.get("video_id"))
        was_in = room in self._socketio.server.rooms(sid)
        self._socketio.server.enter_room(sid, room)
        ack = self._apply("open_video", sid, data)
        if ack.get("status") not in DONE and not was_in:
            self._socketio.server.leave_room(sid, room)
        return ack

    def _apply(self, name: str, sid: str, data: dict[str, Any]) -> dict[str, Any]:
        try:
            ack: dict[str, Any] = self._host.call("apply_op", event=name, sid=sid, data=data)
        except SessionError as error:
            return rejected(data, error)
        return ack

    def _wait_until_read(self, sid: str) -> None:
        until_s = monotonic() + READ_WAIT_S
        while (self._queue_length(sid) or 0) >= WINDOW_MESSAGES and monotonic() < until_s:
            sleep(READ_POLL_S)

    def _announce(self, event: Event) -> None:
        room = event.to or (_room(event.video_id) if event.video_id else None)
        for sid in self._listeners(room):
            self._outbox.deliver(sid, event)
        if event.name is EventName.HOST_STATE:
            self._ask_to_resync(event.data["state"])
        if is_green():
            sleep(0)  # let the writers run before the next event

    def _ask_to_resync(self, state: str) -> None:
        """What a session process committed just before it died may never have been announced."""
        if state == "ready" and self._was_away:
            for room in self._rooms():
                video_id = room.removeprefix(_room(""))
                self._announce(Event(EventName.RESYNC, {"video_id": video_id}, video_id))
        self._was_away = state == "restarting"

    def _rooms(self) -> list[str]:
        rooms = self._socketio.server.manager.rooms.get("/", {})
        return [room for room in list(rooms) if room and room.startswith(_room(""))]

    def _listeners(self, room: str | None) -> list[str]:
        participants = self._socketio.server.manager.get_participants("/", room)
        with suppress(KeyError):  # the last one left this moment
            return [sid for sid, _ in participants]
        return []

    def _send(self, sid: str, event: Event) -> None:
        with suppress(SocketIsClosedError, KeyError):  # it went away this moment
            self._socketio.server.emit(event.name.value, event.data, to=sid)

    def _queue_length(self, sid: str) -> int | None:
        server = self._socketio.server
        with suppress(KeyError):  # the last client left this moment
            peer = server.eio.sockets.get(server.manager.eio_sid_from_sid(sid, "/"))
            return None if peer is None else int(peer.queue.qsize())
        return None


def _on_unreadable(*why: Any) -> dict[str, Any]:
    """Without its `seq`: that could not be read either, but the ack says which call it was."""
    error = InvalidRequest(
        f"The event is no JSON: {str(why[0] if why else '')[:200]}.",
        hint="NaN and Infinity are no JSON; texts are UTF-8.",
    )
    return rejected(None, error)


def _on_error(error: Exception) -> dict[str, Any]:
    args = request.event["args"]  # type: ignore[attr-defined]
    return rejected(args[-1] if args else None, error)


def _sid() -> str:
    return str(request.sid)  # type: ignore[attr-defined]


def _room(video_id: object) -> str:
    """Never the name of a client's own room, whatever a client calls its video."""
    return f"video:{video_id}"
