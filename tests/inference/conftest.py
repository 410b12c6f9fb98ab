"""Frames on disk, the demo network, our engine and the plain predictor side by side."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from sam2.build_sam import build_sam2_video_predictor

from sam2_session.core.predictions import Prediction
from sam2_session.inference.engine import Engine
from sam2_session.inference.loading import load_network
from sam2_session.inference.network import Network
from sam2_session.inference.seeds import SessionSeed
from sam2_session.storage.layered_log import LayeredLog
from tests.networks import built_once
from tests.small_input import SMALL

ROOT = Path(__file__).parents[2]
CHECKPOINT = ROOT / "checkpoints/sam2.1_hiera_demo.pt"
DEVICE = os.environ.get("TEST_DEVICE", "cpu")  # benchmarks/gpu_check.sh sets it
NUM_FRAMES = 26
SIZE_HW = (90, 160)


@pytest.fixture(scope="session")
def frames_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("frames")
    noise = np.random.default_rng(7).integers(0, 60, (*SIZE_HW, 3)).astype(np.uint8)
    for frame_idx in range(NUM_FRAMES):
        image = noise.copy()
        cv2.rectangle(image, (10 + 2 * frame_idx, 20), (60 + 2 * frame_idx, 50), (40, 90, 220), -1)
        cv2.circle(image, (120 - 2 * frame_idx, 65), 15, (60, 210, 80), -1)
        cv2.imwrite(str(folder / f"{frame_idx + 1:05d}.jpg"), image)
    return folder


def load_demo(**options: Any) -> Network:
    """The demo network, in float32 and at a small input unless told otherwise."""
    with built_once():
        return load_network(
            ROOT / "configs/sam2.1/sam2.1_hiera_demo.yaml",
            CHECKPOINT,
            name="demo",
            device=DEVICE,
            **{"precision": "fp32", "image_size": SMALL, **options},
        )


@pytest.fixture(scope="session")
def network() -> Network:
    return load_demo()


def load_plain(*overrides: str, image_size: int | None = SMALL) -> Any:
    """sam2's own predictor, with the flag without which it throws corrections away."""
    GlobalHydra.instance().clear()
    initialize_config_dir(str(ROOT / "configs/sam2.1"), version_base="1.2")
    kept = "++model.add_all_frames_to_correct_as_cond=true"
    sized = [] if image_size is None else [f"++model.image_size={image_size}"]
    predictor = build_sam2_video_predictor(
        "sam2.1_hiera_demo.yaml",
        str(CHECKPOINT),
        device=DEVICE,
        hydra_overrides_extra=[kept, *sized, *overrides],
    )
    predictor.fill_hole_area = 0  # needs a CUDA extension
    return predictor


@pytest.fixture(scope="session")
def plain() -> Any:
    return load_plain()


@pytest.fixture
def make_engine(network: Network, frames_dir: Path, tmp_path: Path) -> Any:
    """Engines over the same frames and track logs; closed at the end."""
    engines: list[Engine] = []

    def make(
        known: dict[Any, dict[int, Prediction]] | None = None,
        network: Network = network,
        logs: str = "track_",
        **limits: int,
    ) -> Engine:
        """`known` is what the disk knows of the prompted frames, whenever a session is built."""

        def seed(key: Any) -> SessionSeed:
            log = LayeredLog(
                tmp_path / f"{logs}{key.video_id}_{key.instance_id}_{key.region}",
                network.signature,
                network.logits_hw,
                network.pointer_channels,
            )
            prompted = (known or {}).get(key, {})
            return SessionSeed(SIZE_HW, NUM_FRAMES, log, dict(prompted), dict(prompted))

        engine = Engine(
            network,
            seed=seed,
            frame_path=lambda _, frame_idx: frames_dir / f"{frame_idx + 1:05d}.jpg",
            feature_cache_bytes=limits.get("feature_cache_bytes", 1 << 28),
            session_memory_bytes=limits.get("session_memory_bytes", 1 << 28),
        )
        engines.append(engine)
        return engine

    yield make
    for engine in engines:
        engine.close()


class Plain:
    """The naive use: one state per (instance, region)."""

    def __init__(self, predictor: Any, frames_dir: Path) -> None:
        self.predictor = predictor
        self.state = predictor.init_state(str(frames_dir))

    def click(self, frame_idx: int, x: float, y: float, label: int) -> np.ndarray[Any, Any]:
        _, _, logits = self.predictor.add_new_points_or_box(
            self.state, frame_idx, 1, [[x, y]], [label], clear_old_points=False
        )
        return (logits[0, 0] > 0).cpu().numpy()

    def box(self, frame_idx: int, box: list[float]) -> np.ndarray[Any, Any]:
        _, _, logits = self.predictor.add_new_points_or_box(self.state, frame_idx, 1, box=box)
        return (logits[0, 0] > 0).cpu().numpy()

    def propagate(self, **options: Any) -> dict[int, np.ndarray[Any, Any]]:
        with torch.inference_mode():
            steps = self.predictor.propagate_in_video(self.state, **options)
            return {frame_idx: (logits[0, 0] > 0).cpu().numpy() for frame_idx, _, logits in steps}


@pytest.fixture
def make_plain(plain: Any, frames_dir: Path) -> Any:
    return lambda predictor=plain: Plain(predictor, frames_dir)
