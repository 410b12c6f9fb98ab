"""Makes small real videos: every container, odd sizes, B-frames, uneven rates, rotation, damage."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

CODECS = {".mp4": "libx264", ".mov": "libx264", ".mkv": "libx264", ".avi": "mpeg4"}


def frame_rgb_hwc(frame_idx: int, width: int, height: int) -> npt.NDArray[np.uint8]:
    """A frame that says which one it is: the left third's grey is its number, a corner is red."""
    image = np.full((height, width, 3), 90, np.uint8)
    image[:, : width // 3] = grey_of(frame_idx)
    image[: height // 4, -(width // 4) :] = (220, 20, 20)  # top right
    return image


def grey_of(frame_idx: int) -> int:
    """The grey of the left third of frame `frame_idx`."""
    return 20 + frame_idx * 37 % 200


def make_clip(
    path: Path,
    *,
    frames: int = 12,
    size: tuple[int, int] = (96, 64),
    rate: Fraction = Fraction(30),
    pts: Sequence[int] | None = None,
    b_frames: int = 0,
    rotation: int = 0,
    codec: str | None = None,
    options: dict[str, str] | None = None,
) -> Path:
    """Write a clip of `size` (width, height); `pts` in thousandths of a second make it uneven.

    `rotation` is the display matrix's, in degrees counter-clockwise.
    """
    width, height = size
    name = codec or CODECS.get(path.suffix.lower(), "libvpx-vp9")
    with av.open(str(path), "w", options=options or {}) as container:
        stream = container.add_stream(name, rate=rate)
        assert isinstance(stream, av.VideoStream)
        context = stream.codec_context
        context.width, context.height = width, height
        context.pix_fmt = "yuv444p" if width % 2 or height % 2 else "yuv420p"
        context.time_base = Fraction(1, 1000) if pts else 1 / rate
        context.gop_size = 6
        context.max_b_frames = b_frames
        context.bit_rate = 2_000_000
        if rotation:
            stream.set_display_rotation(rotation)
        for frame_idx in range(frames):
            frame = av.VideoFrame.from_ndarray(frame_rgb_hwc(frame_idx, width, height), "rgb24")
            frame.pts = pts[frame_idx] if pts else frame_idx
            frame.time_base = context.time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def truncate(path: Path, keep: float) -> Path:
    """Cut the file off after the share `keep` of its bytes."""
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    return path


def damage(path: Path, start: float, length: int = 400) -> Path:
    """Overwrite `length` bytes at the share `start` of the file."""
    content = bytearray(path.read_bytes())
    at = int(len(content) * start)
    content[at : at + length] = bytes(index * 7 % 256 for index in range(length))
    path.write_bytes(content)
    return path


def not_a_video(path: Path) -> Path:
    """A text file under a video's name."""
    path.write_text("this is no video\n" * 100)
    return path
