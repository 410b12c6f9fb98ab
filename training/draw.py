"""Draws clips and their exact masks into a folder: ``python -m training.draw --out clips``.

The folder has DAVIS layout, so that `evaluate.py --davis` and other tools read it, and a video file
of each clip beside it. A pixel has one number there: each whole object has its own, parts none.
"""

from __future__ import annotations

import argparse
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from training.batches import PARTS
from training.scenes import Scene, SceneSpec, draw_scene
from training.video import write_video

FPS = Fraction(25)
PALETTE = [0, 0, 0, 230, 159, 0, 86, 180, 233, 0, 158, 115, 240, 228, 66, 0, 114, 178, 213, 94, 0]


def main() -> None:
    """Draw one clip for each seed."""
    parser = argparse.ArgumentParser(description="Draw clips with exact masks, by seed.")
    parser.add_argument("--out", type=Path, required=True, help="the folder")
    parser.add_argument("--seed", type=int, default=0, help="of the first clip [0]")
    parser.add_argument("--clips", type=int, default=4, help="how many [4]")
    parser.add_argument("--frames", type=int, default=24, help="of each clip [24]")
    parser.add_argument("--size", type=int, default=256, help="pixels a side [256]")
    parser.add_argument("--hardness", type=float, default=1.0, help="0 to 1 [1]")
    args = parser.parse_args()
    for seed in range(args.seed, args.seed + args.clips):
        write_clip(args.out, draw_scene(SceneSpec(seed, args.frames, args.size, args.hardness)))


def write_clip(root: Path, scene: Scene) -> None:
    """Write one clip's frames, its annotation and its video."""
    name = f"scene_{scene.spec.seed}"
    images, annotations = root / "JPEGImages" / "480p" / name, root / "Annotations" / "480p" / name
    for folder in (images, annotations):
        folder.mkdir(parents=True, exist_ok=True)
    for frame_idx, frame_rgb_hwc in enumerate(scene.frames_thwc):
        path = images / f"{frame_idx:05d}.jpg"
        cv2.imwrite(str(path), frame_rgb_hwc[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])
        annotation = Image.fromarray(numbers_hw(scene, frame_idx))
        annotation.putpalette(PALETTE)
        annotation.save(annotations / f"{frame_idx:05d}.png")
    write_video(root / f"{name}.mp4", scene.frames_thwc, FPS)


def numbers_hw(scene: Scene, frame_idx: int) -> npt.NDArray[np.uint8]:
    """Number of the whole object at every pixel of a frame, 0 for background."""
    numbers = np.zeros(scene.frames_thwc.shape[1:3], np.uint8)
    wholes = [target for target in scene.targets if target.kind not in PARTS]
    for number, target in enumerate(wholes, start=1):
        numbers[target.masks_thw[frame_idx]] = number
    return numbers


if __name__ == "__main__":
    main()
