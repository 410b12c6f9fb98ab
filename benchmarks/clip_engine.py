"""Runs the engine over a drawn clip, with every frame encoded beforehand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.scenes import ROOT
from sam2_session.core.frame_files import file_number
from sam2_session.core.types import SessionKey
from sam2_session.inference.engine import Engine
from sam2_session.inference.loading import load_network
from sam2_session.inference.network import Network
from sam2_session.inference.scheduler import Priority
from sam2_session.inference.seeds import SessionSeed
from sam2_session.models.registry import Registry
from sam2_session.storage.layered_log import LayeredLog

VIDEO_ID = "clip"  # of every session's key


def load(model: str, device: str, precision: str, image_size: int | None = None) -> Network:
    """Load a model of configs/; `image_size`, in pixels, replaces its own input size."""
    spec = Registry.load(ROOT / "configs").get(model)
    return load_network(
        spec.own_config or spec.config,
        ROOT / "checkpoints" / spec.checkpoint,
        image_size=image_size or spec.image_size,
        name=spec.name,
        device=device,
        precision=precision,
    )


@contextmanager
def engine_over(
    network: Network, frames_thwc: npt.NDArray[np.uint8], folder: Path
) -> Iterator[Engine]:
    """Give an engine over one clip, RGB (t, h, w, 3); its frames and logs go to `folder`."""
    size_hw = frames_thwc.shape[1:3]
    for frame_idx, frame_rgb in enumerate(frames_thwc):
        path = folder / f"{file_number(frame_idx)}.jpg"
        cv2.imwrite(str(path), frame_rgb[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])

    def make_seed(_: SessionKey) -> SessionSeed:
        logs = len(list(folder.glob("log*")))
        shape = (network.signature, network.logits_hw, network.pointer_channels)
        return SessionSeed(size_hw, len(frames_thwc), LayeredLog(folder / f"log{logs}", *shape))

    engine = Engine(
        network,
        seed=make_seed,
        frame_path=lambda _, frame_idx: folder / f"{file_number(frame_idx)}.jpg",
        feature_cache_bytes=4 << 30,  # so that encoding is not measured
        session_memory_bytes=1 << 30,
    )
    try:
        for frame_idx in range(len(frames_thwc)):
            engine.submit(Priority.STEP, partial(engine.look_at, VIDEO_ID, frame_idx)).result()
        yield engine
    finally:
        engine.close()
