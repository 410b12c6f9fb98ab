"""Write clips in DAVIS layout: numbered JPEGs, and the objects' numbers as PNGs beside them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

PALETTE = [value for index in range(256) for value in (index, 0, 255 - index)]


def write_clip(root: Path, name: str, ids_thw: npt.NDArray[np.uint8], mode: str) -> None:
    images, annotations = (root / top / "480p" / name for top in ("JPEGImages", "Annotations"))
    for folder in (images, annotations):
        folder.mkdir(parents=True)
    for frame_idx, ids_hw in enumerate(ids_thw):
        cv2.imwrite(str(images / f"{frame_idx:05d}.jpg"), np.dstack([ids_hw * 100] * 3))
        picture = Image.fromarray(ids_hw)
        if mode == "P":
            picture.putpalette(PALETTE)
        picture.save(annotations / f"{frame_idx:05d}.png")
