"""Clips for the measurement of clicks, and annotations that fill them before the server starts."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from pathlib import Path

import av
import cv2
import numpy as np

from sam2_session.core.frame_files import file_number
from sam2_session.core.frame_state import FrameState
from sam2_session.core.masks import mask_facts
from sam2_session.core.png import encode_gray8
from sam2_session.core.types import FramePrompt, Keypoint, MaskSource, Point, SessionKey
from sam2_session.storage.database import Database, Transaction
from sam2_session.storage.frame_rows import FrameRow, save_frame
from sam2_session.storage.keypoint_rows import replace_on_frame
from sam2_session.storage.mask_rows import MaskRow, save_mask
from sam2_session.storage.op_rows import next_rev

SIZE = (160, 96)  # width, height
KEYPOINTS, FULL_FRAMES = 16_000, 5_000


def make_clip(path: Path, frames: int) -> None:
    """Draw a red box that moves over grainy grey."""
    width, height = SIZE
    grain = np.random.default_rng(3).integers(60, 110, (height, width, 1)).astype(np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(25))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"preset": "ultrafast"}
        for frame_idx in range(frames):
            image = np.repeat(grain, 3, axis=2)
            left = 10 + frame_idx % 40
            cv2.rectangle(image, (left, 12), (left + 50, 48), (220, 40, 40), -1)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        container.mux(stream.encode())


def fill(outputs: Path, first: int) -> None:
    """Give `keypoints` its keypoints, and `prompts` prompted frames from frame `first` on."""
    for video, write in (
        ("keypoints", partial(_keypoints, first)),
        ("prompts", partial(_prompts, outputs, first)),
    ):
        database = Database(outputs / video / "session.sqlite3")
        database.write(write)
        database.close()


def _keypoints(frames: int, tx: Transaction) -> None:
    on_each = KEYPOINTS // (frames // 2)
    for frame_idx in range(frames // 2):
        points = [
            Keypoint(frame_idx * on_each + at + 1, frame_idx, at % 150 + 0.5, 20.25, f"point {at}")
            for at in range(on_each)
        ]
        replace_on_frame(tx, 1, frame_idx, points)


def _prompts(outputs: Path, first: int, tx: Transaction) -> None:
    """Prompts with their masks, so that none is predicted at start."""
    key = SessionKey("prompts", 1, "overall")
    mask_hw = np.zeros((SIZE[1], SIZE[0]), np.bool_)
    mask_hw[12:48, 10:60] = True
    png, facts = encode_gray8(mask_hw), mask_facts(mask_hw)
    folder = outputs / "prompts" / "instance1" / "masks_overall"
    folder.mkdir(parents=True, exist_ok=True)
    for frame_idx in range(first, first + FULL_FRAMES):
        rev = next_rev(tx)
        state = FrameState(FramePrompt((Point(30.0, 30.0, 1), Point(5.0, 5.0, 0))))
        save_frame(tx, key, FrameRow(frame_idx, rev, state))
        save_mask(tx, key, MaskRow(frame_idx, rev, MaskSource.HUMAN, facts))
        (folder / f"{file_number(frame_idx)}.png").write_bytes(png)
