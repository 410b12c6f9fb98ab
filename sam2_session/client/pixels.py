"""Turns the pictures of answers into numpy arrays, and masks into PNG.

The decoders bring cv2, which a program that only imports the client should not load: hence the
imports inside the functions.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from sam2_session.core.errors import InvalidPrompt
from sam2_session.core.png import encode_gray8
from sam2_session.core.types import BoolMask, RGBImage


def mask_of(png: bytes, size_hw: tuple[int, int]) -> BoolMask:
    """Decode a mask to bool (H, W)."""
    from sam2_session.formats.images.mask_images import decode_mask

    return decode_mask(png, size_hw)


def image_of(jpeg: bytes) -> RGBImage:
    """Decode a frame to RGB uint8 (H, W, 3)."""
    from sam2_session.formats.images.frame_images import decode_frame

    return decode_frame(jpeg)


def ids_of(png: bytes) -> npt.NDArray[np.int32]:
    """Decode a picture of numbers to int32 (H, W)."""
    from sam2_session.formats.images.label_pictures import read_picture

    return read_picture(png).labels_hw


def png_of(mask_hw: npt.ArrayLike, size_hw: tuple[int, int]) -> bytes:
    """Encode a mask of the video's size; what is not 0 is set. Raises `InvalidPrompt`."""
    mask = np.asarray(mask_hw)
    if mask.shape != size_hw:
        raise InvalidPrompt(
            f"The mask has the shape {mask.shape}, the video {size_hw}.",
            hint="Masks are (height, width) arrays of the source's size.",
        )
    return encode_gray8(mask != 0)


def stack_of(path: Path) -> dict[int, BoolMask]:
    """Read the masks of a pair from an NPZ of the server, by their frames."""
    with np.load(path, allow_pickle=False) as arrays:
        frames = next((arrays[name] for name in arrays.files if name.endswith("_frame_idx")), ())
        stack = next((arrays[name] for name in arrays.files if not name.endswith("_frame_idx")), ())
    return {int(frame_idx): mask_hw for frame_idx, mask_hw in zip(frames, stack, strict=True)}
