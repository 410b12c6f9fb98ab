"""Runs the services as the server does, on folders of their own, with one client."""

from __future__ import annotations

import itertools
import queue
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.model_folders import random_folders
from benchmarks.scenes import ROOT
from sam2_session.core.events import Event, EventName
from sam2_session.core.types import SessionKey
from sam2_session.inference.engine import Engine
from sam2_session.inference.network import Network
from sam2_session.models.registry import ModelSpec
from sam2_session.runtime import Signal, spawn
from sam2_session.services.build import build_services
from sam2_session.settings import Settings

WAIT_S = 600.0
POLL_S = 0.002


@dataclass(frozen=True, slots=True)
class Reply:
    """The mask of a click, and how long it took."""

    seconds: float
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StepTaken:
    """One step of a run, timed in the device thread."""

    began: float
    seconds: float
    keys: tuple[SessionKey, ...]


class Live:
    """Real services in this process; a pair is named by its instance's number, from 0."""

    def __init__(self, spec: ModelSpec, network: Network, folder: Path, precision: str) -> None:
        self.settings = _settings(spec, network, folder, precision)
        self.settings.videos_dir.mkdir(parents=True)
        self.services = build_services(self.settings)
        self.steps: list[StepTaken] = []
        self._saved: set[tuple[str | None, int]] = set()  # masks on disk: video and revision
        self._seq = itertools.count(1)
        self._masks: queue.Queue[tuple[float, Event]] = queue.Queue()
        self._jobs: queue.Queue[tuple[float, Event]] = queue.Queue()
        self.services.bus.subscribe(self._hear)
        self.until(lambda: any(model["state"] == "selected" for model in self.models()))
        self._watch_steps(self.services._slot.get())

    def models(self) -> list[dict[str, Any]]:
        """Every model and its state."""
        return list(self.services.handle("list_models", {})["models"])

    def put_video(self, film: Path, video_id: str) -> None:
        """Put a file into videos/ without opening it."""
        shutil.copyfile(film, self.settings.videos_dir / f"{video_id}{film.suffix}")

    def open(self, video_id: str) -> None:
        """Open a video."""
        ack = self.send("open_video", video_id=video_id)
        assert ack["status"] == "applied", ack

    def extract(self, video_id: str, pairs: int) -> None:
        """Open a video, wait for all its frames, and make an instance for each pair."""
        self.open(video_id)
        self.until(lambda: self._call("get_video", video_id)["state"] == "ready")
        for _ in range(pairs - len(self._call("list_instances", video_id)["instances"])):
            self._call("create_instance", video_id)

    def delete(self, video_id: str) -> None:
        """Delete a video; its extraction ends."""
        self._call("delete_video", video_id)

    def click(self, video_id: str, pair: int, frame_idx: int, point: tuple[float, float]) -> Reply:
        """Click once the frame is extracted, and wait for the mask."""
        began = time.monotonic()
        place = {"key": _key(video_id, pair), "frame_idx": frame_idx}
        x, y = point
        while (ack := self.send("add_point", **place, x=x, y=y, label=1))["status"] == "rejected":
            assert ack["error"]["code"] == "frame_not_extracted", ack
            time.sleep(POLL_S)
        return self._reply(ack["seq"], began)

    def wait_saved(self, video_id: str, reply: Reply) -> None:
        """Wait until the mask of a reply is on disk."""
        self.until(lambda: (video_id, reply.data["rev"]) in self._saved)

    def clear(self, video_id: str, pair: int, frame_idx: int) -> None:
        """Clear a frame's prompts."""
        place = {"key": _key(video_id, pair), "frame_idx": frame_idx}
        self._reply(self.send("clear_frame", **place)["seq"], time.monotonic())

    @contextmanager
    def hovering(
        self, video_id: str, pair: int, frame_idx: int, point: tuple[float, float]
    ) -> Iterator[list[float]]:
        """Ask for previews of a click, one after the other as the page does.

        Yields the times at which they came, a list that grows.
        """
        came, left = list[float](), Signal()
        where = {**_key(video_id, pair), "frame_idx": frame_idx, "x": point[0], "y": point[1]}

        def hover() -> None:
            while not left.is_set():
                self.services.handle("try_click", where)
                came.append(time.monotonic())

        thread = spawn(hover, name="pointer")
        try:
            yield came
        finally:
            left.set()
            thread.join()

    def start_run(self, video_id: str, pairs: int, **how: Any) -> str:
        """Queue a propagation of these pairs over all frames; return its job."""
        wanted = [{"instance_id": pair + 1, "region": "overall"} for pair in range(pairs)]
        ack = self.send("propagate", video_id=video_id, pairs=wanted, **how)
        assert ack["status"] == "applied", ack
        return str(ack["job_id"])

    def run_ended(self, job_id: str, *, wait: bool = True) -> float | None:
        """Time at which a job ended, all masks on disk; None while it runs and `wait` is off."""
        try:
            when, event = self._jobs.get(timeout=WAIT_S if wait else 0.001)
        except queue.Empty:
            assert not wait, "the job does not end"
            return None
        assert (event.data["job_id"], event.data["state"]) == (job_id, "done"), event.data
        return when

    def send(self, event: str, **data: Any) -> dict[str, Any]:
        """Apply one op and return its acknowledgement."""
        body = {"client_id": "bench", "seq": next(self._seq), **data}
        params = {"event": event, "sid": "bench", "data": body}
        return dict(self.services.handle("apply_op", params))

    def until(self, condition: Callable[[], Any]) -> None:
        """Wait until a condition holds."""
        end = time.monotonic() + WAIT_S
        while not condition():
            assert time.monotonic() < end, "it did not come"
            time.sleep(POLL_S)

    def close(self) -> None:
        """End all threads."""
        self.services.close()

    def _call(self, operation: str, video_id: str) -> dict[str, Any]:
        return dict(self.services.handle(operation, {"video_id": video_id}))

    def _reply(self, seq: int, began: float) -> Reply:
        while True:
            when, event = self._masks.get(timeout=WAIT_S)
            if event.data["seq"] == seq:
                assert event.data["state"] != "failed", event.data
                return Reply(when - began, event.data)

    def _hear(self, event: Event) -> None:
        if event.name is EventName.MASK:
            self._masks.put((time.monotonic(), event))
        elif event.name is EventName.MASK_SAVED:
            self._saved.add((event.video_id, event.data["rev"]))
        elif event.name is EventName.JOB_ENDED and event.data["kind"] == "propagate":
            self._jobs.put((time.monotonic(), event))

    def _watch_steps(self, engine: Engine) -> None:
        step = engine.step

        def watched(keys: Any, *where: Any, **how: Any) -> Any:
            began = time.monotonic()
            found = step(keys, *where, **how)
            self.steps.append(StepTaken(began, time.monotonic() - began, tuple(keys)))
            return found

        engine.step = watched  # type: ignore[method-assign]


def _key(video_id: str, pair: int) -> dict[str, Any]:
    return {"video_id": video_id, "instance_id": pair + 1, "region": "overall"}


def _settings(spec: ModelSpec, network: Network, folder: Path, precision: str) -> Settings:
    """Give a model without a checkpoint one with the network's random weights."""
    folders: dict[str, Any] = {
        "configs_dir": ROOT / "configs",
        "checkpoints_dir": ROOT / "checkpoints",
    }
    if not (folders["checkpoints_dir"] / spec.checkpoint).exists():
        folders = random_folders(folder, spec, network)
    return Settings(
        videos_dir=folder / "videos",
        outputs_dir=folder / "outputs",
        **folders,
        model=spec.name,
        device=str(network.device),
        precision="auto" if precision == "default" else precision,
    )
