"""Drive the real services as the socket does, and read what they wrote."""

from __future__ import annotations

import functools
import io
import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

from sam2_session.core.errors import SessionError
from sam2_session.core.events import Event
from sam2_session.inference.scheduler import Priority
from sam2_session.services.build import SessionServices, build_services
from sam2_session.services.operations.table import BY_NAME
from sam2_session.settings import Settings
from tests.networks import built_once
from tests.small_input import small_configs

ROOT = Path(__file__).parents[1]
SIZE = (160, 96)  # width, height
BODY = (30.0, 30.0)  # lies on the red body on every early frame
DISC = (130.0, 70.0)
WAIT_S = 120.0


def make_moving_clip(path: Path, frames: int = 12) -> Path:
    """A red box and a green disc that move over grainy grey; lossless, so the pixels are known."""
    path.write_bytes(_moving_clip(frames))
    return path


def make_still_clip(path: Path, frames: int) -> Path:
    """A red box that sways by a pixel or two over grainy grey."""
    path.write_bytes(_still_clip(frames))
    return path


@functools.cache
def _moving_clip(frames: int) -> bytes:
    return _encoded([_moved(frame_idx) for frame_idx in range(frames)])


@functools.cache
def _still_clip(frames: int) -> bytes:
    return _encoded([_swayed(frame_idx) for frame_idx in range(frames)])


def _moved(frame_idx: int) -> npt.NDArray[np.uint8]:
    image = np.repeat(_grain(), 3, axis=2)
    cv2.rectangle(image, (10 + 2 * frame_idx, 12), (60 + 2 * frame_idx, 48), (220, 40, 40), -1)
    cv2.circle(image, (130 - 2 * frame_idx, 70), 16, (40, 200, 70), -1)
    return image


def _swayed(frame_idx: int) -> npt.NDArray[np.uint8]:
    image, x = np.repeat(_grain(), 3, axis=2), 20 + frame_idx % 3
    cv2.rectangle(image, (x, 15), (x + 40, 50), (220, 40, 40), -1)
    return image


def _grain() -> npt.NDArray[np.uint8]:
    width, height = SIZE
    return np.random.default_rng(3).integers(60, 110, (height, width, 1)).astype(np.uint8)


def _encoded(images: list[npt.NDArray[np.uint8]]) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=Fraction(25))
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv444p"
        stream.options = {"crf": "0", "preset": "ultrafast"}
        for image in images:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        container.mux(stream.encode())
    return file.getvalue()


def settings_of(folder: Path, **changes: Any) -> Settings:
    """A workspace of its own under `folder`, float32, the demo checkpoint at a small input."""
    values = {
        "videos_dir": folder / "videos",
        "outputs_dir": folder / "outputs",
        "checkpoints_dir": ROOT / "checkpoints",
        "configs_dir": small_configs(folder),
        "precision": "fp32",
    }
    return Settings(**{**values, **changes})


def require_declared(name: str, code: str) -> None:
    """Fail where an operation gives an error that its declaration does not name."""
    if name in BY_NAME:
        assert BY_NAME[name].declares(code), f"{name} does not declare {code}"


class Annotator:
    """One client of one set of services."""

    def __init__(self, services: SessionServices, client_id: str = "ada", first_seq: int = 1):
        self.services = services
        self.client_id = client_id
        self.sid = f"sid-{client_id}"
        self.events: list[Event] = []
        self._seq = itertools.count(first_seq)
        services.bus.subscribe(self.events.append)

    def open(self, video_id: str = "clip") -> dict[str, Any]:
        ack = self.send("open_video", video_id=video_id)
        assert ack["status"] == "applied", ack
        self.until(lambda: self.call("get_video", video_id=video_id)["state"] == "ready")
        self.until(
            lambda: any(m["state"] == "selected" for m in self.call("list_models")["models"])
        )
        return ack

    def send(self, event: str, seq: int | None = None, **data: Any) -> dict[str, Any]:
        """A command of the page; waits for its files, which follow a moment later."""
        ack = self.command(event, seq, **data)
        self.services._projects.finish_files("clip")
        return ack

    def command(self, event: str, seq: int | None = None, **data: Any) -> dict[str, Any]:
        """A command of the page; its acknowledgement."""
        body = {"client_id": self.client_id, "seq": seq or next(self._seq), **data}
        ack: dict[str, Any] = self.call("apply_op", event=event, sid=self.sid, data=body)
        if ack["status"] == "rejected":
            require_declared(event, ack["error"]["code"])
        return ack

    def call(self, operation: str, /, **params: Any) -> Any:
        try:
            return self.services.handle(operation, params)
        except SessionError as error:
            require_declared(operation, error.code)
            raise

    def act(self, event: str, frame_idx: int, *, region: str = "overall", **data: Any) -> Any:
        """A prompt command on instance 1; waits for its mask."""
        key = {"video_id": "clip", "instance_id": data.pop("instance_id", 1), "region": region}
        ack = self.send(event, key=key, frame_idx=frame_idx, **data)
        if ack["status"] == "applied":
            self.until(lambda: self._settled(ack["seq"], ack["rev"]))
            self.services._projects.finish_files("clip")
        return ack

    def click(self, frame_idx: int, x: float, y: float, label: int = 1, **data: Any) -> Any:
        return self.act("add_point", frame_idx, x=x, y=y, label=label, **data)

    def propagate(self, **data: Any) -> dict[str, Any]:
        """Queue a run and wait for its end."""
        ack = self.send("propagate", video_id="clip", **{"pairs": "all", **data})
        assert ack["status"] == "applied", ack
        return self.job_ended(ack["job_id"])

    def job_ended(self, job_id: str) -> dict[str, Any]:
        ended = ("done", "failed", "cancelled")
        self.until(lambda: self.call("get_job", job_id=job_id)["state"] in ended)
        self.until(lambda: any(e.name == "job_ended" for e in self.events))
        job: dict[str, Any] = self.call("get_job", job_id=job_id)
        return job

    def of(self, name: str) -> list[dict[str, Any]]:
        return [event.data for event in self.events if event.name == name]

    def until(self, condition: Callable[[], Any]) -> None:
        end_s = time.monotonic() + WAIT_S
        while not condition():
            assert time.monotonic() < end_s, "it did not come"
            time.sleep(0.005)

    def _settled(self, seq: int, rev: int) -> bool:
        answered = any(data["seq"] == seq for data in self.of("mask"))
        saved = self.of("mask_saved") + self.of("mask_deleted")
        gone = any(d["seq"] == seq and d["state"] == "removed" for d in self.of("mask"))
        return answered and (gone or any(data["rev"] == rev for data in saved))


@contextmanager
def annotating(settings: Settings, **client: Any) -> Iterator[Annotator]:
    """Services over a workspace with the moving clip in it, and one annotator."""
    settings.videos_dir.mkdir(parents=True, exist_ok=True)
    if not (settings.videos_dir / "clip.mp4").exists():
        make_moving_clip(settings.videos_dir / "clip.mp4")
    with built_once():
        services = build_services(settings)
        services._recovery.wait()
        try:
            yield Annotator(services, **client)
        finally:
            services.close()


@contextmanager
def device_held(annotator: Annotator) -> Iterator[None]:
    """The device is at work on something else all the while."""
    go = threading.Event()
    annotator.services._slot.get().submit(Priority.CLICK, go.wait)
    try:
        yield
    finally:
        go.set()


def mask_bytes(settings: Settings, frame_idx: int, region: str = "overall", n: int = 1) -> bytes:
    path = settings.outputs_dir / f"clip/instance{n}/masks_{region}/{frame_idx + 1:05d}.png"
    return path.read_bytes() if path.exists() else b""


def mask_array(settings: Settings, frame_idx: int, **where: Any) -> Any:
    data = np.frombuffer(mask_bytes(settings, frame_idx, **where), np.uint8)
    return cv2.imdecode(data, cv2.IMREAD_UNCHANGED)


def points_json(settings: Settings, region: str = "overall", n: int = 1) -> Any:
    path = settings.outputs_dir / f"clip/instance{n}/points_{region}.json"
    return json.loads(path.read_text())
