"""Draws a scene from background, objects, camera and effects, and its targets' masks."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from training.scenes.backgrounds import OVERSIZE, draw_ground
from training.scenes.bodies import Actor
from training.scenes.cast import Plan, draw_cast
from training.scenes.effects import Effects, draw_effects
from training.scenes.mosaic import Mosaic, draw_mosaic
from training.scenes.motion import Path, draw_camera, place
from training.scenes.painter import Canvas, Light
from training.scenes.spec import (
    LEAST_SHARE,
    Floats,
    Frames,
    Grey,
    Image,
    Rng,
    Scene,
    SceneSpec,
    Target,
)

GONE_SHARE = 0.0002  # of the frame's pixels; a target with fewer counts as hidden
ALIKE_SHARE = 0.95  # a part that is more of its whole than this is no target
MAX_CELLS = 12  # targets among a mosaic's cells; the masks of more would fill the memory
MAX_TRIES = 60
Owners = npt.NDArray[np.uint8]  # (t, h, w): the label of what is seen, 0 for the ground
Wanted = tuple[str, list[int]]  # a target's kind and its labels


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything needed to draw a frame."""

    ground: Image
    mosaic: Mosaic | None
    actors: list[Actor]
    labels: list[list[int]]  # of each actor's pieces
    camera: Path
    effects: Effects
    light: Light
    ticks: Floats  # the time of each frame
    porthole: float  # radius of the picture's round window, in world units; 0: none


def draw_scene(spec: SceneSpec) -> Scene:
    """Draw the scene of this spec; the same spec gives the same pixels."""
    for attempt in range(MAX_TRIES):
        rng = np.random.default_rng((spec.seed, attempt))
        stage = _draw_stage(rng, spec)
        wanted = _wanted(rng, stage)
        owners, frames = _shoot(rng, stage, spec)
        targets = _targets(wanted, owners)
        if targets and _holds(spec, targets):
            return Scene(spec, frames, targets)
    raise RuntimeError(f"no target came into view in {MAX_TRIES} tries; choose another seed")


def _draw_stage(rng: Rng, spec: SceneSpec) -> Stage:
    ticks = _draw_ticks(rng, spec.num_frames)
    last = max(float(ticks[-1]), 1.0)
    eventful = spec.num_frames > 1 and rng.random() < 0.34 * spec.hardness
    turns_away = eventful and not spec.mosaic and rng.random() < 0.12
    plan = Plan(last, departures=eventful and not turns_away)
    mosaic = draw_mosaic(rng, spec.size) if spec.mosaic else None
    ground = mosaic.ground if mosaic else draw_ground(rng, spec.size, spec.hardness)
    actors = draw_cast(rng, spec, ground, plan)
    heading = rng.uniform(0, 2 * np.pi)
    return Stage(
        ground=ground,
        mosaic=mosaic,
        actors=actors,
        labels=_labels(actors),
        camera=draw_camera(rng, spec.hardness, last, turns_away=turns_away),
        effects=draw_effects(rng, spec.size, spec.hardness),
        light=Light(float(np.cos(heading)), float(np.sin(heading))),
        ticks=ticks,
        porthole=rng.uniform(0.5, 0.62) if rng.random() < 0.06 * spec.hardness else 0.0,
    )


def _draw_ticks(rng: Rng, num_frames: int) -> Floats:
    """Times of the frames; short clips take bigger steps, so that things happen in them too."""
    longest = 2.6 if num_frames < 16 else 1.5
    stride = max(1.0, rng.uniform(0.6, longest))
    return np.arange(num_frames, dtype=np.float64) * stride


def _labels(actors: list[Actor]) -> list[list[int]]:
    """Labels from 1 for the pieces of targeted actors; the rest hide like the ground."""
    labels, following = [], 1
    for actor in actors:
        count = len(actor.body.part_kinds)
        labels.append([following + part if actor.targeted else 0 for part in range(count)])
        following += count if actor.targeted else 0
    return labels


def _wanted(rng: Rng, stage: Stage) -> list[Wanted]:
    """List all possible targets: wholes, their parts, and cells."""
    wanted: list[Wanted] = []
    for actor, labels in zip(stage.actors, stage.labels, strict=True):
        if not actor.targeted:
            continue
        wanted.append((actor.body.kind, labels))
        if len(labels) > 1:
            parts = zip(actor.body.part_kinds, labels, strict=True)
            wanted += [(kind, [label]) for kind, label in parts if kind]
    if stage.mosaic:
        first = _first_cell(stage)
        cells = rng.permutation(stage.mosaic.count)
        wanted += [("cell", [first + int(cell)]) for cell in cells]
    return wanted


def _first_cell(stage: Stage) -> int:
    return 1 + max((label for labels in stage.labels for label in labels), default=0)


def _shoot(rng: Rng, stage: Stage, spec: SceneSpec) -> tuple[Owners, Frames]:
    size = spec.size
    owners = np.zeros((spec.num_frames, size, size), np.uint8)
    frames = np.zeros((spec.num_frames, size, size, 3), np.uint8)
    for index, tick in enumerate(stage.ticks):
        canvas = _drawn(stage, float(tick), size)
        owners[index] = canvas.owner_hw
        frames[index] = stage.effects.apply(rng, canvas.frame_rgb_hwc, float(tick))
    return owners, frames


def _drawn(stage: Stage, tick: float, size: int) -> Canvas:
    """One frame before the effects."""
    to_pixels = place(size / 2, size / 2, 0, size) @ np.linalg.inv(stage.camera.pose(tick))
    canvas = Canvas(*_ground_seen(stage, to_pixels, size), stage.light)
    for actor, labels in zip(stage.actors, stage.labels, strict=True):
        for piece, label in zip(actor.pieces(tick), labels, strict=True):
            canvas.paint(piece, to_pixels @ piece.pose, label)
    if stage.porthole:
        canvas.frame_outside(stage.porthole * size)
    return canvas


def _ground_seen(stage: Stage, to_pixels: Floats, size: int) -> tuple[Image, Grey]:
    """The part of the ground before the camera, and its cells if it has any."""
    per_world = stage.ground.shape[0] / OVERSIZE
    middle = stage.ground.shape[0] / 2
    to_ground = place(middle, middle, 0, per_world) @ place(-0.5, -0.5)
    matrix = (to_ground @ np.linalg.inv(to_pixels))[:2]
    frame = _warped(stage.ground, matrix, size, cv2.INTER_LINEAR)
    if not stage.mosaic:
        return frame, np.zeros((size, size), np.uint8)
    cells = _warped(stage.mosaic.cells_hw, matrix, size, cv2.INTER_NEAREST)
    return frame, np.asarray(cells + np.uint8(_first_cell(stage)), np.uint8)


def _warped(image: Image, matrix: Floats, size: int, flags: int) -> Image:
    warped = cv2.warpAffine(
        image, matrix, (size, size),
        flags=flags | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REFLECT_101,
    )  # fmt: skip
    return np.asarray(warped, np.uint8)


def _targets(wanted: list[Wanted], owners: Owners) -> tuple[Target, ...]:
    """Make targets of what is visible on frame 0."""
    pixels = owners[0].size
    seen = np.bincount(owners[0].ravel(), minlength=256)
    least = LEAST_SHARE * pixels
    shown = [(kind, labels) for kind, labels in wanted if seen[labels].sum() >= least]
    shown = [target for target in shown if not _passes_for_whole(target, shown, seen)]
    cells = [target for target in shown if target[0] == "cell"][:MAX_CELLS]
    shown = [target for target in shown if target[0] != "cell"] + cells
    return tuple(Target(kind, _masks(labels, owners)) for kind, labels in shown)


def _passes_for_whole(part: Wanted, shown: list[Wanted], seen: npt.NDArray[np.intp]) -> bool:
    """Return whether a part shows nearly all that is visible of its whole, so no click can tell."""
    wholes = (labels for _, labels in shown if len(labels) > 1 and part[1][0] in labels)
    return len(part[1]) == 1 and any(
        seen[part[1]].sum() > ALIKE_SHARE * seen[labels].sum() for labels in wholes
    )


def _masks(labels: list[int], owners: Owners) -> npt.NDArray[np.bool_]:
    # labels of one target follow one another
    masks = (owners >= min(labels)) & (owners <= max(labels))
    counts = masks.sum((1, 2))
    masks[counts < max(1, GONE_SHARE * owners[0].size)] = False
    return np.asarray(masks, np.bool_)


def _holds(spec: SceneSpec, targets: tuple[Target, ...]) -> bool:
    """Easy scenes keep everything in view."""
    return spec.hardness > 0 or all(target.masks_thw.any((1, 2)).all() for target in targets)
