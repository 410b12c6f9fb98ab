"""Draws batches of clips in processes of their own, so that the trainer need not draw."""

from __future__ import annotations

import multiprocessing
import os
import queue
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.queues import Queue

import cv2
import numpy as np
import numpy.typing as npt

from training.scenes import Scene, SceneSpec, Target, draw_scene

LOSS_SHRINK = 2  # the loss is taken at half the input's resolution
QUEUED = 4
MOST_CLIPS = 256  # per batch
ORPHAN_POLL_S = 5.0  # drawing processes outlive a killed trainer by at most this
FIRST_SEED = 10_000_000_000  # training never uses seeds below it: see sources.py
SEEDS_PER_WORKER = 100_000_000
PARTS = {"shaft", "wrist", "gripper", "handle", "neck", "tip", "body", "limb"}
PART_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class BatchSpec:
    """Content of a batch: `clips` clips of `frames` frames, with `targets` targets each.

    Frames have `size` pixels a side; those `drawn` with another number are resized.
    """

    clips: int
    frames: int
    targets: int
    size: int
    hardness: float = 1.0
    mosaic_share: float = 0.15
    drawn: int | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Clips and their targets' masks; N = clips * targets, the targets of a clip in a row."""

    frames_vthwc: npt.NDArray[np.uint8]
    truth_nthw: npt.NDArray[np.bool_]  # at the loss's resolution
    first_nhw: npt.NDArray[np.bool_]  # the first frame's masks at full resolution

    @property
    def targets_per_clip(self) -> int:
        """Number of targets per clip."""
        return len(self.truth_nthw) // len(self.frames_vthwc)


def scene_seed(worker: int, number: int) -> int:
    """Seed of a batch's first scene, shared with no other batch and no held-out clip."""
    return FIRST_SEED + worker * SEEDS_PER_WORKER + number * MOST_CLIPS


def draw_batch(spec: BatchSpec, rng: np.random.Generator, first_seed: int) -> Batch:
    """Draw the clips of one batch; the same seed and generator state give the same batch."""
    frames, truths, firsts = [], [], []
    for clip in range(spec.clips):
        scene = draw_scene(
            SceneSpec(
                seed=first_seed + clip,
                num_frames=spec.frames,
                size=spec.drawn or spec.size,
                hardness=min(1.0, spec.hardness * rng.uniform(0.6, 1.2)),
                mosaic=bool(rng.random() < spec.mosaic_share),
            )
        )
        frames.append(_resized(scene.frames_thwc, spec.size))
        for target in _choose(scene, spec.targets, rng):
            truths.append(_resized_masks(target.masks_thw, spec.size // LOSS_SHRINK))
            firsts.append(_resized_masks(target.masks_thw[:1], spec.size)[0])
    return Batch(np.stack(frames), np.stack(truths), np.stack(firsts))


@contextmanager
def drawn_in_workers(seeds: list[int]) -> Iterator[BatchStream]:
    """Run worker processes, one per seed, that draw until the block ends."""
    context = multiprocessing.get_context("spawn")
    orders: Queue[tuple[int, BatchSpec]] = context.Queue()
    drawn: Queue[Batch] = context.Queue(QUEUED)
    workers = [
        context.Process(target=_work, args=(orders, drawn, seed), daemon=True) for seed in seeds
    ]
    for worker in workers:
        worker.start()
    try:
        yield BatchStream(orders, drawn)
    finally:
        for worker in workers:
            worker.terminate()


class BatchStream:
    """Queues orders and returns finished batches, in about the same order."""

    def __init__(self, orders: Queue[tuple[int, BatchSpec]], drawn: Queue[Batch]) -> None:
        self._orders = orders
        self._drawn = drawn

    def order(self, number: int, spec: BatchSpec) -> None:
        """Order a batch; its number decides what is drawn."""
        self._orders.put((number, spec))

    def take(self) -> Batch:
        """Wait for the next finished batch."""
        return self._drawn.get()


def _work(orders: Queue[tuple[int, BatchSpec]], drawn: Queue[Batch], seed: int) -> None:
    os.nice(1)
    cv2.setNumThreads(1)
    parent = os.getppid()
    while os.getppid() == parent:
        try:
            number, spec = orders.get(timeout=ORPHAN_POLL_S)
        except queue.Empty:
            continue
        rng = np.random.default_rng((seed, number))
        drawn.put(draw_batch(spec, rng, scene_seed(seed, number)))


def _choose(scene: Scene, count: int, rng: np.random.Generator) -> list[Target]:
    """Choose targets of a scene, with some parts of tools but not only these."""
    parts = [target for target in scene.targets if target.kind in PARTS]
    wholes = [target for target in scene.targets if target.kind not in PARTS]
    chosen: list[Target] = []
    rng.shuffle(parts)
    rng.shuffle(wholes)
    while len(chosen) < count:
        pool = parts if parts and (not wholes or rng.random() < PART_SHARE) else wholes
        if not pool:
            pool = list(scene.targets)
        chosen.append(pool.pop())
    return chosen


def _resized(images: npt.NDArray[np.uint8], side: int) -> npt.NDArray[np.uint8]:
    """Resize frames (t, h, w, c) or masks (t, h, w) to squares of this side."""
    if images.shape[1] == side:
        return images
    smooth = cv2.INTER_AREA if side < images.shape[1] else cv2.INTER_CUBIC
    resized = [cv2.resize(image, (side, side), interpolation=smooth) for image in images]
    return np.stack(resized).astype(np.uint8, copy=False)


def _resized_masks(masks_thw: npt.NDArray[np.bool_], side: int) -> npt.NDArray[np.bool_]:
    return _resized(masks_thw.astype(np.uint8) * 255, side) > 127
