"""The two sides of the benchmark, our engine and sam2's own predictor, with the same methods."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import sam2.sam2_video_predictor
import sam2.utils.misc
import torch

from benchmarks.scenes import ROOT, Scene
from sam2_session.core.types import BoolMask, FramePrompt, Point, SessionKey
from sam2_session.inference.engine import Engine
from sam2_session.inference.loading import load_network
from sam2_session.inference.masks import to_mask
from sam2_session.inference.network import Network
from sam2_session.inference.scheduler import Priority
from sam2_session.inference.session import SessionSeed
from sam2_session.models.registry import ModelSpec
from sam2_session.runtime import ThreadPool
from sam2_session.storage.layered_log import LayeredLog

VIDEO = "scene"
CACHE_BYTES = 256 << 20
READ_AHEAD = 3  # frames, as a run reads them


class Side(Protocol):
    """The methods that are measured.

    A pair has a number. Masks are returned as digests, since kept masks would count as memory.
    """

    def open_pair(self, pair: int) -> None:
        """Open a pair, ready for its first click."""

    def drop_pair(self, pair: int) -> None:
        """Forget a pair."""

    def click(self, pair: int, frame_idx: int, x: float, y: float) -> str:
        """Make one positive click, opening the pair first if needed."""

    def forget_features(self) -> None:
        """Drop the features of all frames."""

    def begin_again(self, pairs: int) -> None:
        """Forget all prompts and features but keep what was loaded; then click once per pair."""

    def propagate(self, pairs: int) -> Iterator[list[str]]:
        """Track every pair over every frame; yields the masks of all pairs, frame by frame."""

    def close(self) -> None:
        """End its threads."""


def digest(mask_hw: BoolMask) -> str:
    """Hash the pixels of a mask."""
    return hashlib.sha1(np.packbits(mask_hw).tobytes()).hexdigest()


def load(spec: ModelSpec, device: str, precision: str) -> Network:
    """Load a model's network; without its checkpoint, with fixed random weights.

    Speed does not depend on the weights.
    """
    torch.manual_seed(0)
    checkpoint = ROOT / "checkpoints" / spec.checkpoint
    return load_network(
        spec.own_config or spec.config,
        checkpoint if checkpoint.exists() else None,
        image_size=spec.image_size,
        name=spec.name,
        device=device,
        precision=precision,
    )


def as_published(model: Any) -> Any:
    """Copy a network without our replacements, so that it computes everything as sam2 does."""
    published = deepcopy(model)
    for module in published.modules():
        for name in ("forward", "get_dense_pe", "_get_pos_embed", "_forward_sam_heads"):
            module.__dict__.pop(name, None)
    return published


class Ours:
    """The engine, driven as the services drive it."""

    def __init__(self, network: Network, scene: Scene, folder: Path) -> None:
        self.scene = scene
        self._network = network
        self._logs = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.engine = Engine(
            network,
            seed=self._seed,
            frame_path=lambda _, frame_idx: scene.frame(frame_idx),
            feature_cache_bytes=CACHE_BYTES,
            session_memory_bytes=CACHE_BYTES,
        )
        self._prompts: dict[tuple[SessionKey, int], tuple[FramePrompt, Any]] = {}

    def open_pair(self, pair: int) -> None:
        key = self.key(pair)
        self._do(lambda: self.engine.session(key))

    def drop_pair(self, pair: int) -> None:
        key = self.key(pair)
        self._do(lambda: self.engine.drop_session(key))
        self._log_path(key).unlink(missing_ok=True)
        self._prompts = {at: prompt for at, prompt in self._prompts.items() if at[0] != key}

    def click(self, pair: int, frame_idx: int, x: float, y: float) -> str:
        key = self.key(pair)
        prompt, previous = self._prompts.get((key, frame_idx), (FramePrompt(), None))
        prompt = FramePrompt((*prompt.points, Point(x, y, 1)))

        def task() -> Any:
            session = self.engine.session(key)
            prediction = session.predict(frame_idx, prompt, previous)
            session.set_prompted(frame_idx, prediction)
            return prediction

        prediction = self._do(task)
        self._prompts[key, frame_idx] = (prompt, prediction)
        return digest(to_mask(prediction, self.scene.size_hw))

    def begin_again(self, pairs: int) -> None:
        for key in {key for key, _ in self._prompts} | {self.key(pair) for pair in range(pairs)}:
            self.drop_pair(int(key.region.removeprefix("region")))
        self.forget_features()
        for pair in range(pairs):
            self.click(pair, 0, *self.scene.target(pair))

    def propagate(self, pairs: int) -> Iterator[list[str]]:
        keys = [self.key(pair) for pair in range(pairs)]

        def condition() -> None:
            for key in keys:
                self.engine.session(key).condition()

        self._do(condition, Priority.STEP)
        last = self.scene.num_frames - 1
        for frame_idx in range(self.scene.num_frames):
            ahead = range(frame_idx + 1, min(frame_idx + READ_AHEAD, last) + 1)
            self.engine.features.read_ahead.want([(VIDEO, idx) for idx in ahead])
            task = partial(self.engine.step, keys, frame_idx, reverse=False, run=1)
            step = self._do(task, Priority.STEP)
            yield [digest(to_mask(step[key], self.scene.size_hw)) for key in keys]

    def look_at(self, frame_idx: int) -> None:
        """Encode a frame ahead, as the program does for the one on screen."""
        self._do(lambda: self.engine.look_at(VIDEO, frame_idx))

    def forget_features(self) -> None:
        self._do(lambda: self.engine.features.drop_video(VIDEO))

    def close(self) -> None:
        self.engine.close()

    @property
    def nbytes(self) -> int:
        """Bytes held by all sessions."""
        return self.engine.session_nbytes()

    def key(self, pair: int) -> SessionKey:
        """Key of the pair with this number."""
        return SessionKey(VIDEO, 1, f"region{pair}")

    def _seed(self, key: SessionKey) -> SessionSeed:
        network, path = self._network, self._log_path(key)
        log = LayeredLog(path, network.signature, network.logits_hw, network.pointer_channels)
        return SessionSeed(self.scene.size_hw, self.scene.num_frames, log)

    def _log_path(self, key: SessionKey) -> Path:
        return self._logs / key.region

    def _do(self, task: Any, priority: Priority = Priority.CLICK) -> Any:
        return self.engine.submit(priority, task).result()


class Plain:
    """sam2's predictor, one state per pair, in a thread of its own: its context is thread-local."""

    def __init__(self, network: Network, scene: Scene) -> None:
        self.scene = scene
        self.network = network
        self.predictor = as_published(network.model)
        self.predictor.add_all_frames_to_correct_as_cond = True  # or corrections are lost
        self.predictor.fill_hole_area = 0  # it needs a CUDA extension
        self._states: dict[int, Any] = {}
        self._thread = ThreadPool(1)
        _silence_progress_bars()

    def open_pair(self, pair: int) -> None:
        if pair not in self._states:
            folder = str(self.scene.folder)
            self._states[pair] = self._do(lambda: self.predictor.init_state(folder))

    def drop_pair(self, pair: int) -> None:
        self._states.pop(pair, None)

    def click(self, pair: int, frame_idx: int, x: float, y: float) -> str:
        self.open_pair(pair)

        def add() -> str:
            _, _, logits = self.predictor.add_new_points_or_box(
                self._states[pair], frame_idx, 1, [[x, y]], [1], clear_old_points=False
            )
            return digest((logits[0, 0] > 0).cpu().numpy())

        return str(self._do(add))

    def forget_features(self) -> None:
        for state in self._states.values():
            state["cached_features"].clear()

    def begin_again(self, pairs: int) -> None:
        self.forget_features()
        for state in self._states.values():
            self._do(partial(self.predictor.reset_state, state))
        for pair in range(pairs):
            self.click(pair, 0, *self.scene.target(pair))

    def propagate(self, pairs: int) -> Iterator[list[str]]:
        """Track each state, interleaved frame by frame, which costs the same."""
        passes = self._passes(pairs)
        while (masks := self._thread.submit(next, passes, None).result()) is not None:
            yield masks

    def close(self) -> None:
        self._thread.shutdown()

    def warm_up(self) -> None:
        """Encode once, so that later encodings reuse its memory."""
        size = self.network.image_size
        image = torch.zeros(1, 3, size, size, device=self.network.device)
        self._do(lambda: self.predictor.forward_image(image))

    @contextmanager
    def _as_published(self) -> Iterator[None]:
        """Context in which sam2's authors run it."""
        bf16 = self.network.precision == "bf16"
        device = self.network.device.type
        with torch.inference_mode(), torch.autocast(device, torch.bfloat16, enabled=bf16):
            yield

    def _passes(self, pairs: int) -> Iterator[list[str]]:
        with self._as_published():  # entered and left in the one thread
            states = [self._states[pair] for pair in range(pairs)]
            for frames in zip(*map(self.predictor.propagate_in_video, states), strict=True):
                yield [digest((logits[0, 0] > 0).cpu().numpy()) for _, _, logits in frames]

    def _do(self, work: Any) -> Any:
        def inside() -> Any:
            with self._as_published():
                return work()

        return self._thread.submit(inside).result()


def _silence_progress_bars() -> None:
    def plain_iterator(iterable: Any, **_: Any) -> Any:
        return iterable

    sam2.sam2_video_predictor.tqdm = plain_iterator
    sam2.utils.misc.tqdm = plain_iterator
