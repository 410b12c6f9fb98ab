"""A named client of a server: people on the page see where it is, and can undo what it does."""

from __future__ import annotations

import uuid
from typing import Any, Self
from urllib.parse import urlsplit

import engineio
import socketio
from socketio.exceptions import ConnectionError as NoConnection
from socketio.exceptions import SocketIOError

from sam2_session.client.connection import Json
from sam2_session.client.workspaces import Client
from sam2_session.core.errors import HostUnavailable, error_from_wire
from sam2_session.runtime import Condition, Lock, monotonic, sleep

ACK_S = 20.0
MASK_S = 180.0  # a click may wait for the model to be loaded
PATIENCE_S = 60.0  # for a restart of the server
RETRY_S = 0.3
KEPT_MASKS = 100


class _InOrder(engineio.Client):  # type: ignore[misc]  # untyped
    """Handles messages one by one; the library gives each a thread, where they overtake."""

    def _trigger_event(self, event: str, *args: Any, **kwargs: Any) -> Any:
        return super()._trigger_event(event, *args, **{**kwargs, "run_async": False})


class _Socket(socketio.Client):  # type: ignore[misc]  # untyped
    def _engineio_client_class(self) -> type[engineio.Client]:
        return _InOrder


class Visitor:
    """Works on a server as one person among others; any thread may use it.

    What it reads goes over REST (`client`), what it changes over the socket: so it is counted,
    named and undone like the changes of a person on the page. Raises `SessionError`.
    """

    def __init__(self, url: str, token: str, name: str) -> None:
        self.client = Client(url, token, patience_s=PATIENCE_S)
        self.name = name
        self._url, self._token = url.split("#", 1)[0].rstrip("/"), token
        self._client_id = f"agent-{uuid.uuid4().hex}"
        self._seq = 0
        self._video_id: str | None = None
        self._lock = Lock()
        self._came = Condition()
        self._masks: dict[int, Json] = {}  # by seq, the newest
        self._socket = _Socket(reconnection=False)
        self._socket.on("mask", self._keep_mask)

    def close(self) -> None:
        """Leave the video, and end both connections."""
        self._socket.disconnect()
        self.client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self, video_id: str) -> None:
        """Open a video, as the page does; people on it see who came."""
        self.client.video(video_id)  # waits until it is extracted
        with self._lock:
            self._video_id = video_id
            self._ask("open_video", self._who(video_id))

    def look(self, video_id: str, frame_idx: int, pair: Json | None = None) -> None:
        """Show people the frame, and the pair, that it looks at."""
        self._be_on(video_id)
        shown = {"video_id": video_id, "frame_idx": frame_idx, "name": self.name}
        with self._lock:
            self._ask("look_at", {**shown, **({"pair": pair} if pair else {})})

    def change(self, event: str, video_id: str, /, **fields: Any) -> Json:
        """Send a change, once however often the connection is cut; returns its acknowledgement."""
        self._be_on(video_id)
        with self._lock:
            self._seq += 1
            return self._ask(event, {"client_id": self._client_id, "seq": self._seq, **fields})

    def mask_of(self, seq: int) -> Json:
        """Wait for the mask that a change led to: state, score, area, box. Raises its error."""
        until_s = monotonic() + MASK_S
        with self._came:
            while not (found := next((s for s in self._masks if s >= seq), None)):
                if not self._came.wait(until_s - monotonic()):
                    raise HostUnavailable("The mask did not come; the click is stored: look again.")
            mask = self._masks[found]
        if mask["state"] == "failed":
            raise error_from_wire(mask["error"])
        return mask

    def _who(self, video_id: str) -> Json:
        names = {"client_id": self._client_id, "person_id": self._client_id, "name": self.name}
        return {"video_id": video_id, **names}

    def _be_on(self, video_id: str) -> None:
        if video_id != self._video_id:
            self.open(video_id)

    def _ask(self, event: str, data: Json) -> Json:
        """Send an event until it is acknowledged: the server applies each number once."""
        until_s = monotonic() + PATIENCE_S
        while True:
            try:
                self._connect()
                answer: Json = self._socket.call(event, data, timeout=ACK_S)
                break
            except (NoConnection, SocketIOError) as error:
                self._socket.disconnect()
                if monotonic() > until_s:
                    raise HostUnavailable(f"{self._url} cannot be reached: {error}.") from error
                sleep(RETRY_S)
        if answer.get("status") == "rejected":
            raise error_from_wire(answer["error"])
        return answer

    def _connect(self) -> None:
        """Connect if there is no connection, and open the video again that was open."""
        if self._socket.connected:
            return
        parts = urlsplit(self._url)
        self._socket.connect(
            f"{parts.scheme}://{parts.netloc}",
            headers={"Authorization": f"Bearer {self._token}"} if self._token else {},
            socketio_path=f"{parts.path}/socket.io",
            transports=["websocket"],
        )
        if self._video_id:
            self._socket.call("open_video", self._who(self._video_id), timeout=ACK_S)

    def _keep_mask(self, mask: Json) -> None:
        with self._came:
            self._masks[int(mask["seq"])] = mask
            while len(self._masks) > KEPT_MASKS:
                del self._masks[next(iter(self._masks))]
            self._came.notify_all()
