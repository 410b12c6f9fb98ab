"""Builds ZIPs for tests, harmless and dangerous ones."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from sam2_session.core.png import encode_gray8


def make_zip(path: Path, files: dict[str, bytes], *, packed: bool = False) -> Path:
    """Make a ZIP of these files, with their names unchanged."""
    kind = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    with zipfile.ZipFile(path, "w", kind) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, kind)
    return path


def make_link(path: Path, name: str, target: str) -> Path:
    """Make a ZIP with a symbolic link."""
    with zipfile.ZipFile(path, "w") as archive:
        entry = zipfile.ZipInfo(name)
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, target)
    return path


def square(at: int, size_hw: tuple[int, int] = (90, 160)) -> npt.NDArray[np.bool_]:
    """Draw a mask of 10 x 10 pixels, at another position for each number."""
    mask = np.zeros(size_hw, np.bool_)
    mask[5 + at : 15 + at, 7 + at : 17 + at] = True
    return mask


def mask_png(at: int, size_hw: tuple[int, int] = (90, 160)) -> bytes:
    return encode_gray8(square(at, size_hw))


def picture(suffix: str, value: object, size_hw: tuple[int, int] = (48, 64)) -> bytes:
    """Encode an image of one colour, or an array."""
    image = np.full((*size_hw, 3), value, np.uint8) if not isinstance(value, np.ndarray) else value
    return cv2.imencode(suffix, image)[1].tobytes()
