"""Writes frames as a video file, with the same bytes every time."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt


def write_video(
    path: Path, frames_thwc: npt.NDArray[np.uint8], fps: Fraction, *, crf: int = 20
) -> None:
    """Encode RGB frames as H.264; a smaller `crf` is a better picture and a larger file."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.height, stream.width = frames_thwc.shape[1:3]
        stream.pix_fmt = "yuv420p"
        # one thread: the bytes must not depend on the machine
        stream.options = {"crf": str(crf), "preset": "slow", "threads": "1"}
        for frame_rgb_hwc in frames_thwc:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame_rgb_hwc, format="rgb24")))
        container.mux(stream.encode(None))
