"""Frames as the model reads them: sam2's own pixels in float32, near ones, sooner, in bfloat16."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from sam2.utils.misc import load_video_frames

from sam2_session.core.errors import StorageFailed
from sam2_session.inference.network import Network
from tests.inference.conftest import load_demo


def test_in_float32_the_input_is_that_of_the_plain_loader(
    network: Network, frames_dir: Path
) -> None:
    size = network.image_size
    images, height, width = load_video_frames(str(frames_dir), size, offload_video_to_cpu=True)
    assert (height, width) == (90, 160)

    for frame_idx in (0, 7, 25):
        pixels = network.prepare(frames_dir / f"{frame_idx + 1:05d}.jpg")

        assert torch.equal(network._normalise(pixels), images[frame_idx])


def test_in_bfloat16_no_pixel_is_off_by_more_than_two_grey_levels(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    blurred = np.cumsum(rng.integers(-9, 10, (540, 960, 3)), axis=1).clip(0, 255)
    Image.fromarray(blurred.astype(np.uint8)).save(tmp_path / "00001.png")
    network = load_demo(precision="bf16")
    size = (network.image_size, network.image_size)
    exact = np.asarray(Image.open(tmp_path / "00001.png").resize(size), np.int16)

    pixels = network.prepare(tmp_path / "00001.png").permute(1, 2, 0).numpy()

    error = np.abs(pixels - exact)
    assert error.max() <= 2
    assert error.mean() < 0.01


def test_a_frame_prepared_in_another_thread_is_the_same(make_engine: Any) -> None:
    engine = make_engine()
    engine.features.read_ahead.want([("v", 4)])
    engine.features.read_ahead._frames["v", 4].result()
    engine.submit(0, lambda: engine.look_at("v", 4)).result()
    ahead = engine.features._entries["v", 4].vision_feats

    engine.submit(0, lambda: (engine.drop_video("v"), engine.look_at("v", 4))).result()

    again = engine.features._entries["v", 4].vision_feats
    assert all(torch.equal(pixels, other) for pixels, other in zip(ahead, again, strict=True))


def test_half_a_file_is_refused_by_name(make_engine: Any, frames_dir: Path, tmp_path: Path) -> None:
    engine = make_engine()
    whole = (frames_dir / "00001.jpg").read_bytes()
    torn = tmp_path / "00001.jpg"
    torn.write_bytes(whole[: len(whole) // 2])
    engine.features._frame_path = lambda *_: torn

    with pytest.raises(StorageFailed, match=r"00001.jpg cannot be read"):
        engine.features.prepare("v", 0)
