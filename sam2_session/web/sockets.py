"""Applies the Socket.IO events of clients, and sends the events of the host to clients.

A client joins one Socket.IO room for each video it opens; the events of a video go to its room.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from engineio.exceptions import SocketIsClosedError
from engineio.packet import MESSAGE
from engineio.packet import Packet as EnginePacket
from flask import request
from flask_socketio import ConnectionRefusedError, SocketIO
from socketio.packet import EVENT

from sam2_session.core.errors import (
    HostUnavailable,
    InvalidRequest,
    ReadOnly,
    SessionError,
    TooLarge,
    Unauthorized,
)
from sam2_session.core.events import Event, EventName
from sam2_session.hosts.base import Host
from sam2_session.runtime import is_green, monotonic, sleep, spawn
from sam2_session.services.operations.operation import Access
from sam2_session.services.operations.table import EVENTS
from sam2_session.web.credentials import Credentials
from sam2_session.web.errors import rejecting, rejection
from sam2_session.web.event_batches import EventBatches
from sam2_session.web.guard import ACCESS
from sam2_session.web.incoming import DROPPED, TOO_LARGE
from sam2_session.web.outbox import SLOW_QUEUE_LENGTH, Outbox
from sam2_session.web.packets import UNREADABLE
from sam2_session.web.websocket import Frames

DONE = ("applied", "duplicate")
READ_WAIT_S = 30.0  # a command waits at most this long for its client to read what was sent
READ_POLL_S = 0.01
EVENTS_AT_ONCE = 8  # of a burst; well below what makes a client count as slow


class SocketBridge:
    """Connects one Socket.IO server to one host."""

    def __init__(self, socketio: SocketIO, host: Host, credentials: Credentials) -> None:
        self._socketio = socketio
        self._host = host
        self._credentials = credentials
        self._outbox = Outbox(self._send, self._queue_length)
        self._batches = EventBatches(self._sids_in, self._outbox.deliver)
        self._access: dict[str, Access] = {}  # by the socket id
        self._restarting = False
        self._delivered = 0
        for name in EVENTS:  # past Flask, which would make a request of each command
            socketio.server.on(name, rejecting(partial(self._on_command, name)))
        socketio.on_event(UNREADABLE, _on_unreadable)
        socketio.on_event(TOO_LARGE, _on_too_large)
        socketio.on_event("*", self._on_unknown)
        socketio.on_event("connect", self._on_connect)
        socketio.on_event("disconnect", self._on_disconnect)
        socketio.on_error_default(_on_error)
        self.stop = host.subscribe(self._deliver)

    def count_clients(self) -> int:
        """Return how many clients are connected."""
        return len(self._sids_in(None))

    def _on_connect(self, auth: Any = None) -> None:
        """Refuse a wrong token in Socket.IO's `auth`; the guard has checked the headers before."""
        access: Access | None = request.environ.get(ACCESS)
        if token := auth.get("token") if isinstance(auth, dict) else None:
            access = self._credentials.access_of(request.environ, token)
        if access is None:
            raise ConnectionRefusedError(Unauthorized().to_wire())
        self._access[_sid()] = access

    def _on_disconnect(self, _reason: Any = None) -> None:
        sid = _sid()
        self._access.pop(sid, None)
        self._outbox.forget(sid)
        # in a thread of its own: the current one may have to read the host's answer
        spawn(self._report_left, sid, name="client-left")

    def _report_left(self, sid: str) -> None:
        with suppress(HostUnavailable):  # a new session process knows no clients anyway
            self._host.call("client_left", sid=sid)

    def _on_unknown(self, name: str, *args: Any) -> dict[str, Any]:
        error = InvalidRequest(
            f"There is no event {name[:80]!r}.", hint="docs/socket.md lists all events."
        )
        return rejection(args[0] if args else None, error)

    def _on_command(self, name: str, sid: str, *args: Any) -> dict[str, Any]:
        if len(args) != 1 or not isinstance(args[0], dict):
            error = InvalidRequest(
                f"{name} takes one object.", hint="docs/socket.md lists its fields."
            )
            return rejection(args[0] if args else None, error)
        data = args[0]
        if not self._access.get(sid, Access.PUBLIC).covers(EVENTS[name].access):
            return rejection(data, ReadOnly())
        if DROPPED in data.values():
            return rejection(data, _too_large())
        self._wait_until_read(sid)
        ack = self._open(sid, data) if name == "open_video" else self._apply(name, sid, data)
        self._batches.catch_up(sid)
        if name == "close_video" and ack.get("status") in DONE:
            self._socketio.server.leave_room(sid, _room_of(data.get("video_id")))
        return ack

    def _open(self, sid: str, data: dict[str, Any]) -> dict[str, Any]:
        """Open a video; join its room before, so that no event of it is missed meanwhile."""
        room = _room_of(data.get("video_id"))
        had_joined = room in self._socketio.server.rooms(sid)
        self._socketio.server.enter_room(sid, room)
        ack = self._apply("open_video", sid, data)
        if ack.get("status") not in DONE and not had_joined:
            self._socketio.server.leave_room(sid, room)
        return ack

    def _apply(self, name: str, sid: str, data: dict[str, Any]) -> dict[str, Any]:
        try:
            ack: dict[str, Any] = self._host.call("apply_op", event=name, sid=sid, data=data)
        except SessionError as error:
            return rejection(data, error)
        return ack

    def _wait_until_read(self, sid: str) -> None:
        until_s = monotonic() + READ_WAIT_S
        while (self._queue_length(sid) or 0) >= SLOW_QUEUE_LENGTH and monotonic() < until_s:
            sleep(READ_POLL_S)

    def _deliver(self, event: Event) -> None:
        if event.to:
            self._batches.catch_up(event.to)
            self._outbox.deliver(self._sids_in(event.to), [event])
        elif event.video_id:
            self._batches.add(_room_of(event.video_id), event)
        else:
            self._batches.send_all()
            self._outbox.deliver(self._sids_in(None), [event])
        if event.name is EventName.HOST_STATE:
            self._resync_after_restart(event.data["state"])
        self._delivered += 1
        if is_green() and self._delivered % EVENTS_AT_ONCE == 0:
            sleep(0)  # let the threads that write to sockets run, each once for these events

    def _resync_after_restart(self, state: str) -> None:
        """Send `resync` after a restart: events of the last changes before it may be lost."""
        if state == "ready" and self._restarting:
            for room in self._rooms():
                video_id = room.removeprefix(_room_of(""))
                self._deliver(Event(EventName.RESYNC, {"video_id": video_id}, video_id))
        self._restarting = state == "restarting"

    def _rooms(self) -> list[str]:
        rooms = self._socketio.server.manager.rooms.get("/", {})
        return [room for room in list(rooms) if room and room.startswith(_room_of(""))]

    def _sids_in(self, room: str | None) -> list[str]:
        participants = self._socketio.server.manager.get_participants("/", room)
        with suppress(KeyError):  # the last client left just now
            return [sid for sid, _ in participants]
        return []

    def _send(self, sids: Sequence[str], events: Sequence[Event]) -> None:
        server = self._socketio.server
        messages = [message for event in events for message in _messages_of(server, event)]
        packet = EnginePacket(MESSAGE, Frames.of(messages))
        for sid in sids:
            with suppress(SocketIsClosedError, KeyError):  # the client left just now
                server.eio.send_packet(server.manager.eio_sid_from_sid(sid, "/"), packet)

    def _queue_length(self, sid: str) -> int | None:
        server = self._socketio.server
        with suppress(KeyError):  # the last client left just now
            peer = server.eio.sockets.get(server.manager.eio_sid_from_sid(sid, "/"))
            return None if peer is None else int(peer.queue.qsize())
        return None


def _messages_of(server: Any, event: Event) -> list[str | bytes]:
    """Encode an event as messages of Engine.IO: the text, then its PNG if there is one."""
    packet = server.packet_class(EVENT, namespace="/", data=[event.name.value, event.data])
    encoded = packet.encode()
    text, *attachments = encoded if isinstance(encoded, list) else [encoded]
    return [f"{MESSAGE}{text}", *attachments]


def _on_unreadable(*reason: Any) -> dict[str, Any]:
    """Reject an event that is none; its `seq` is unknown, but Socket.IO matches the ack."""
    error = InvalidRequest(
        f"The event is not valid JSON, or no event: {str(reason[0] if reason else '')[:200]}.",
        hint='Like ["add_point", {…}]; JSON has no NaN or Infinity; text must be UTF-8.',
    )
    return rejection(None, error)


def _on_too_large(*_: Any) -> dict[str, Any]:
    """Reject an event that was dropped for its size; Socket.IO matches the ack."""
    return rejection(None, _too_large())


def _too_large() -> TooLarge:
    return TooLarge(
        "The message is larger than a socket message may be.",
        hint="Send less at once; a large mask over REST: PUT …/masks/{frame_idx}.png.",
    )


def _on_error(error: Exception) -> dict[str, Any]:
    args = request.event["args"]  # type: ignore[attr-defined]
    return rejection(args[-1] if args else None, error)


def _sid() -> str:
    return str(request.sid)  # type: ignore[attr-defined]


def _room_of(video_id: object) -> str:
    """Name a video's room; the prefix keeps it apart from the room of each client's socket id."""
    return f"video:{video_id}"
