"""Our engine and sam2's own predictor behind the same two methods."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import torch

from benchmarks.scenes import Scene
from sam2_session.core.types import BoolMask, FramePrompt, Point, SessionKey
from sam2_session.inference.engine import Engine
from sam2_session.inference.masks import to_mask
from sam2_session.inference.network import Network
from sam2_session.inference.scheduler import Priority
from sam2_session.inference.session import SessionSeed
from sam2_session.storage.track_log import TrackLog

Digests = dict[int, list[str]]  # by pair: one per frame; masks kept would be measured as memory


class Tool(Protocol):
    """What is measured of either."""

    def open_pair(self, pair: int) -> None: ...

    def click(self, pair: int, frame_idx: int, x: float, y: float) -> Any: ...

    def propagate(self, pairs: int) -> Digests: ...


def digest(mask_hw: BoolMask) -> str:
    """A name for the pixels of a mask."""
    return hashlib.sha1(mask_hw.tobytes()).hexdigest()


class Ours:
    """The engine, driven as the services drive it."""

    def __init__(self, network: Network, scene: Scene, folder: Path) -> None:
        def seed(key: SessionKey) -> SessionSeed:
            log = TrackLog(
                folder / key.region, network.signature, network.logits_hw, network.pointer_channels
            )
            return SessionSeed(scene.size_hw, scene.num_frames, log)

        self.scene = scene
        self.engine = Engine(
            network,
            seed=seed,
            frame_path=lambda _, frame_idx: scene.frame(frame_idx),
            feature_cache_bytes=256 << 20,
            session_memory_bytes=256 << 20,
        )
        self.sizes: list[int] = []  # bytes of all sessions after each frame of a pass
        self._prompts: dict[tuple[SessionKey, int], tuple[FramePrompt, Any]] = {}

    def open_pair(self, pair: int) -> None:
        """Have a live session for a pair."""
        key = self.key(pair)
        self.engine.submit(Priority.CLICK, lambda: self.engine.session(key)).result()

    def click(self, pair: int, frame_idx: int, x: float, y: float) -> Any:
        """One positive click; answers the mask."""
        key = self.key(pair)
        prompt, previous = self._prompts.get((key, frame_idx), (FramePrompt(), None))
        prompt = FramePrompt((*prompt.points, Point(x, y, 1)))

        def task() -> Any:
            session = self.engine.session(key)
            prediction = session.predict(frame_idx, prompt, previous)
            session.set_prompted(frame_idx, prediction)
            return prediction

        prediction = self.engine.submit(Priority.CLICK, task).result()
        self._prompts[key, frame_idx] = (prompt, prediction)
        return to_mask(prediction, self.scene.size_hw)

    def propagate(self, pairs: int) -> Digests:
        """Every pair over every frame; answers the masks."""
        keys = [self.key(pair) for pair in range(pairs)]

        def condition() -> None:
            for key in keys:
                self.engine.session(key).condition()

        self.engine.submit(Priority.STEP, condition).result()
        found: Digests = {pair: [] for pair in range(pairs)}
        for frame_idx in range(self.scene.num_frames):
            task = partial(self.engine.step, keys, frame_idx, reverse=False, run=1)
            step = self.engine.submit(Priority.STEP, task).result()
            for pair, key in enumerate(keys):
                found[pair].append(digest(to_mask(step[key], self.scene.size_hw)))
            self.sizes.append(self.nbytes)
        return found

    @property
    def nbytes(self) -> int:
        """Bytes held by the sessions."""
        return self.engine.session_nbytes()

    def key(self, pair: int) -> SessionKey:
        """The key of the pair of this number."""
        return SessionKey("scene", 1, f"region{pair}")


class Plain:
    """sam2's predictor, one state per pair."""

    def __init__(self, network: Network, scene: Scene) -> None:
        self.scene = scene
        self.network = network
        self.predictor = network.model
        self.predictor.add_all_frames_to_correct_as_cond = True  # or corrections are lost
        self.predictor.fill_hole_area = 0  # it needs a CUDA extension
        self.states: dict[int, Any] = {}

    def open_pair(self, pair: int) -> None:
        """Make the pair's state, if there is none."""
        if pair not in self.states:
            with self.network.context():
                self.states[pair] = self.predictor.init_state(str(self.scene.folder))

    def click(self, pair: int, frame_idx: int, x: float, y: float) -> Any:
        """One positive click; makes the pair's state first if there is none."""
        self.open_pair(pair)
        with self.network.context():
            _, _, logits = self.predictor.add_new_points_or_box(
                self.states[pair], frame_idx, 1, [[x, y]], [1], clear_old_points=False
            )
            return (logits[0, 0] > 0).cpu().numpy()

    def propagate(self, pairs: int) -> Digests:
        """One pass per state."""
        with self.network.context():
            return {
                pair: [
                    digest((logits[0, 0] > 0).cpu().numpy())
                    for _, _, logits in self.predictor.propagate_in_video(self.states[pair])
                ]
                for pair in range(pairs)
            }

    @property
    def nbytes(self) -> int:
        """Bytes of tensors held by the states."""
        return sum(_tensor_bytes(state) for state in self.states.values())


@contextmanager
def ending(ours: Ours) -> Iterator[None]:
    """Close the engine whatever happens."""
    try:
        yield
    finally:
        ours.engine.close()


def _tensor_bytes(value: Any) -> int:
    if isinstance(value, torch.Tensor):
        return value.nbytes
    if isinstance(value, dict):
        return sum(_tensor_bytes(one) for one in value.values())
    if isinstance(value, list | tuple):
        return sum(_tensor_bytes(one) for one in value)
    return 0
