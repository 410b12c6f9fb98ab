"""Reads clips with known masks for evaluation: drawn from held-out seeds, or in DAVIS layout."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from training.clips import BoolMasks
from training.scenes import Scene, SceneSpec, draw_scene

HELD_OUT_FIRST_SEED = 1_000_000_000  # training uses much larger ones: batches.FIRST_SEED
MAX_TARGETS = 3  # per drawn clip, chosen by its seed
NUM_FRAMES, SIDE_PX = 24, 256
VOID = 255  # in an annotation with several objects: neither object nor background
SIZES = ("480p", "Full-Resolution", ".")  # folders of a DAVIS release with clips, best first
LOSSLESS_ENOUGH = [
    *(cv2.IMWRITE_JPEG_QUALITY, 100),
    *(cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444),
]


class BadDataset(ValueError):
    """The folder is not in DAVIS layout; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Truth:
    """One target of a clip: its visible pixels on every frame; it is visible on frame 0."""

    kind: str
    masks_thw: BoolMasks

    def __post_init__(self) -> None:
        if len(self.masks_thw) < 2 or not self.masks_thw[0].any():
            raise ValueError("a target is seen on frame 0 and has at least one frame after it")


@dataclass(frozen=True, slots=True)
class EvalClip:
    """Frames, drawn or in a folder of numbered JPEGs, and their true masks."""

    name: str
    frames: npt.NDArray[np.uint8] | Path  # thwc RGB, or the folder
    truths: tuple[Truth, ...]

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """Give the frames to `init_state` as a folder; drawn ones go to a temporary one."""
        if isinstance(self.frames, Path):
            yield self.frames
            return
        with tempfile.TemporaryDirectory() as name:
            for frame_idx, frame_rgb_hwc in enumerate(self.frames):
                path = str(Path(name, f"{frame_idx:05d}.jpg"))
                cv2.imwrite(path, frame_rgb_hwc[..., ::-1], LOSSLESS_ENOUGH)
            yield Path(name)


def held_out_clips(
    count: int, *, hardness: float = 1.0, first_seed: int = HELD_OUT_FIRST_SEED
) -> Iterator[EvalClip]:
    """Draw clips that training never sees, one at a time."""
    for seed in range(first_seed, first_seed + count):
        yield clip_of(draw_scene(SceneSpec(seed, NUM_FRAMES, SIDE_PX, hardness)))


def clip_of(scene: Scene) -> EvalClip:
    """Make a clip of a scene, with at most `MAX_TARGETS` of its targets."""
    rng = np.random.default_rng(scene.spec.seed)
    chosen = rng.permutation(len(scene.targets))[:MAX_TARGETS]
    truths = [Truth(scene.targets[i].kind, scene.targets[i].masks_thw) for i in sorted(chosen)]
    return EvalClip(f"seed {scene.spec.seed}", scene.frames_thwc, tuple(truths))


def davis_clips(root: Path, limit: int | None = None) -> Iterator[EvalClip]:
    """Read the clips of a folder in DAVIS layout, one at a time, in the order of their names.

    Only those of ImageSets/2017/val.txt when there is one. Raises `BadDataset`.
    """
    images, annotations = _sized(root / "JPEGImages"), _sized(root / "Annotations")
    for name in _names(root, images)[:limit]:
        clip = _davis_clip(name, images / name, annotations / name)
        if clip.truths:
            yield clip


def _sized(folder: Path) -> Path:
    found = next((folder / size for size in SIZES if (folder / size).is_dir()), None)
    if found is None:
        raise BadDataset(f"There is no {folder}. Name the folder that holds JPEGImages.")
    return found


def _names(root: Path, images: Path) -> list[str]:
    listed = root / "ImageSets" / "2017" / "val.txt"
    if listed.is_file():
        return listed.read_text(encoding="utf-8").split()
    return sorted(path.name for path in images.iterdir() if path.is_dir())


def _davis_clip(name: str, frames: Path, annotations: Path) -> EvalClip:
    stems = sorted(path.stem for path in frames.glob("*.jpg"))
    missing = [stem for stem in stems if not (annotations / f"{stem}.png").is_file()]
    if len(stems) < 2 or missing:
        lack = f"no annotation of frame {missing[0]}" if missing else "fewer than two frames"
        raise BadDataset(f"{name} has {lack}. Each 00000.jpg needs its 00000.png.")
    ids_thw = np.stack([_read_ids(annotations / f"{stem}.png") for stem in stems])
    return EvalClip(name, frames, tuple(_truths(ids_thw)))


def _read_ids(path: Path) -> npt.NDArray[np.uint8]:
    """Read the object's number at every pixel: a palette index, or a grey value."""
    with Image.open(path) as image:
        plane = image if image.mode in ("P", "L") else image.convert("L")
        return np.asarray(plane, np.uint8)


def _truths(ids_thw: npt.NDArray[np.uint8]) -> Iterator[Truth]:
    """Find one target per object of frame 0; in a black and white image, white is the object."""
    objects = [int(value) for value in np.unique(ids_thw[0]) if value]
    if len(objects) > 1:
        objects = [value for value in objects if value != VOID]
    for value in objects:
        yield Truth("object", ids_thw == value)
