"""Shapes of answers for the API documents: regions, instances, prompts, masks and keypoints.

Services build their answers as plain dictionaries, which nothing checks against these at run time;
further fields may come at any time.
"""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from sam2_session.core.types import MaskFlag, MaskSource

Box = tuple[float, float, float, float]
Span = tuple[int, int]


class Region(Struct):
    """A region: `name` names folders, `label` is shown."""

    name: str
    label: str


class Regions(Struct):
    """Every region, in the order of the page."""

    regions: list[Region]


class RegionDeleted(Struct):
    """A region that is no longer listed, and its id in the trash."""

    deleted: bool
    name: str
    label: str
    trash_id: str


class InstanceClass(Struct):
    """A class, the kind of thing that an instance is."""

    name: str


class InstanceClasses(Struct):
    """Every class in the list, in the order of the page."""

    classes: list[InstanceClass]


class ClassDeleted(Struct):
    """A class that is no longer in the list."""

    deleted: bool
    name: str


class Instance(Struct):
    """One physical thing that is tracked."""

    instance_id: int
    name: str
    colour: str
    hidden: bool
    locked: bool
    class_name: str | None


class Instances(Struct):
    """The instances of a video that are not deleted."""

    instances: list[Instance]


class InstanceDeleted(Struct):
    """A deleted instance, and its id in the trash."""

    deleted: bool
    instance_id: int
    trash_id: str


class Point(Struct):
    """One click."""

    x: float
    y: float
    label: Literal[0, 1]


class FramePrompt(Struct):
    """The prompts of one frame."""

    frame_idx: int
    points: list[Point]
    box: Box | None
    mask: bool
    rev: int


class Prompts(Struct):
    """Every prompted frame of a pair."""

    rev: int
    prompts: list[FramePrompt]


class Mask(Struct):
    """The mask that a change of prompts led to."""

    rev: int
    score: float | None
    area: int
    box: Box | None
    url: str | UnsetType = UNSET


class Preview(Struct):
    """The mask that prompts would lead to, as PNG in base64."""

    score: float | None
    area: int
    box: Box | None
    png: str


class Prompted(Struct):
    """A change of a frame's prompts, the steps that can be undone and redone, and its mask."""

    rev: int
    undo: int
    redo: int
    mask: Mask | None | UnsetType = UNSET  # REST waits for it; Socket.IO announces it


class Stepped(Struct):
    """The result of undo or redo; `mask` only for prompts."""

    rev: int
    undo: int
    redo: int
    mask: Mask | None | UnsetType = UNSET


class MaskFacts(Struct):
    """One mask, without its pixels.

    `agreement` is the IoU of the two masks between which a fill chose this one.
    """

    frame_idx: int
    rev: int
    source: MaskSource
    score: float | None
    area: int
    box: Box | None
    stale: bool
    approved: bool
    run: int | None
    flags: list[MaskFlag]
    absent: bool
    cleaned: bool
    rejected: bool
    reason: str | None
    agreement: float | UnsetType = UNSET


class MaskColumns(Struct):
    """The masks of a pair by column: docs/rest.md says how each is packed."""

    frames: list[Span]
    rev: list[int]
    source: list[MaskSource | int]
    run: list[int | None]
    has_score: list[bool | int]
    score: list[int]
    has_agreement: list[bool | int]
    agreement: list[int]
    area: list[int]
    has_box: list[bool | int]
    box: list[list[int]]
    stale: list[bool | int]
    approved: list[bool | int]
    flags: list[list[MaskFlag] | int]
    absent: list[bool | int]
    cleaned: list[bool | int]
    rejected: list[bool | int]
    reason: list[str | int | None]


class Masks(Struct):
    """Every mask of a pair."""

    masks: list[MaskFacts] | MaskColumns


class IdMask(Struct):
    """The mask of a pair on the frame; `area` counts what others cover, too."""

    rev: int
    area: int


class IdRow(Struct):
    """A number, the pair it stands for, and its mask, if the frame has one."""

    number: int
    instance_id: int
    name: str
    region: str
    colour: str
    hidden: bool
    mask: IdMask | None
    class_name: str | UnsetType = UNSET


class IdTable(Struct):
    """Objects by their numbers in a picture; `size` is [height, width], `overlap` a sentence."""

    video_id: str
    frame_idx: int
    size: tuple[int, int]
    bits: Literal[8, 16]
    overlap: str
    numbers: list[IdRow]


class Approved(Struct):
    """The spans of frames whose approval or rejection changed."""

    rev: int
    frames: list[Span]
    count: int


class Dropped(Struct):
    """The number of masks moved to the trash, and the id to restore them with."""

    rev: int
    drop_id: str
    dropped: int
    trash_id: str


class Restored(Struct):
    """The number of masks brought back."""

    rev: int
    restored: int


class Keypoint(Struct):
    """A named point of an instance on one frame.

    `derived` is true for one that was carried here from another frame; otherwise it is missing.
    """

    keypoint_id: int
    frame_idx: int
    x: float
    y: float
    name: str
    visible: bool
    derived: bool | UnsetType = UNSET


class Keypoints(Struct):
    """Every keypoint of an instance."""

    rev: int
    keypoints: list[Keypoint]


class KeypointChanged(Struct):
    """A change of a frame's keypoints."""

    rev: int
    undo: int
    redo: int
    keypoint_id: int | UnsetType = UNSET
