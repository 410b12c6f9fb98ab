"""Groups the items of an import by the frame and instance to write them to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from sam2_session.core.types import (
    MAX_POINTS_PER_FRAME,
    BoolMask,
    Box,
    FramePrompt,
    Point,
    SessionKey,
)
from sam2_session.formats.importing.plan import (
    ImportPlan,
    Item,
    MaskContent,
    NamedPoint,
    Notes,
    Outcome,
)
from sam2_session.services.imports.options import Existing
from sam2_session.services.imports.targets import Slot, Target
from sam2_session.services.projects.project import Project
from sam2_session.storage.frame_rows import prompted_digests
from sam2_session.storage.instance_rows import list_instances
from sam2_session.storage.mask_rows import list_masks


class TargetFrame(NamedTuple):
    """A frame of a pair; its instance may not exist yet."""

    slot: Slot
    region: str
    frame_idx: int


@dataclass(slots=True)
class FrameContent:
    """All items of a file for one frame of a pair."""

    points: list[Point] = field(default_factory=list)
    box: Box | None = None
    masks: list[MaskContent] = field(default_factory=list)

    @property
    def prompt(self) -> FramePrompt:
        """The points and the box as a prompt."""
        return FramePrompt(tuple(self.points), self.box)

    def read_mask(self) -> BoolMask | None:
        """Decode all masks into one; None without any. Raises `InvalidPrompt` for a broken one."""
        mask_hw: BoolMask | None = None
        for content in self.masks:
            read = content.read()
            mask_hw = read if mask_hw is None else mask_hw | read
        return mask_hw


@dataclass(frozen=True, slots=True)
class ImportContents:
    """Everything to write, in the order of frames."""

    frames: dict[TargetFrame, FrameContent]
    keypoints: dict[tuple[Slot, int], list[NamedPoint]]  # by instance and frame
    new_instances: dict[str, Target]  # by their group
    classes: dict[Slot, str] = field(default_factory=dict)  # for instances that have none

    def pairs(self) -> set[tuple[Slot, str]]:
        """The (instance, region) pairs with frames to write."""
        return {(target.slot, target.region) for target in self.frames}

    @property
    def mask_frames(self) -> int:
        """The number of frames with masks."""
        return sum(bool(content.masks) for content in self.frames.values())

    def counts(self) -> dict[str, int]:
        """Count the items to write, without those left out."""
        contents = self.frames.values()
        frames = {target.frame_idx for target in self.frames}
        return {
            "frames": len(frames | {frame_idx for _, frame_idx in self.keypoints}),
            "points": sum(len(content.points) for content in contents),
            "masks": sum(len(content.masks) for content in contents),
            "keypoints": sum(map(len, self.keypoints.values())),
            "boxes": sum(content.box is not None for content in contents),
        }


class WriteProtection:
    """Refuses items for locked instances, and for frames that a person made, if these stay."""

    def __init__(self, project: Project, existing: Existing) -> None:
        instances = project.db.read(list_instances)
        self._locked = {
            instance.instance_id: instance.name for instance in instances if instance.locked
        }
        self._taken: set[TargetFrame] = set()
        if existing is Existing.KEEP:
            for key in project.pairs():
                self._taken |= _taken_frames(project, key)

    def refuses(self, target: Target, item: Item, notes: Notes) -> bool:
        """Return whether an item must not be written; notes the reason."""
        where = f"frame {item.frame_idx}, {item.subject}"
        if target.slot in self._locked:
            notes.add(Outcome.SKIPPED, f"{self._locked[target.slot]} is locked.", where)
            return True
        frame = TargetFrame(target.slot, target.region, item.frame_idx)
        if not isinstance(item.content, NamedPoint) and frame in self._taken:
            why = "Somebody has prompted the frame, approved its mask or marked it absent."
            notes.add(Outcome.SKIPPED, why, where)
            return True
        return False


def collect_contents(
    plan: ImportPlan,
    targets: Mapping[str, Target | None],
    protection: WriteProtection,
    notes: Notes,
) -> ImportContents:
    """Group items by frame, without those that must not be written."""
    contents = ImportContents({}, {}, {})
    for item in plan.items:
        target = targets.get(item.subject)
        if target is None:
            notes.add(Outcome.SKIPPED, "Its label is left out.", item.subject)
        elif not protection.refuses(target, item, notes):
            _add(contents, target, item, notes)
            if target.class_name:
                contents.classes.setdefault(target.slot, target.class_name)
            if isinstance(target.slot, str):
                contents.new_instances.setdefault(target.slot, target)
    return contents


def count_items(plan: ImportPlan) -> dict[str, int]:
    """Count the items of each kind in a file, and their frames."""
    kinds = Counter(item.kind for item in plan.items)
    frames = len({item.frame_idx for item in plan.items})
    return {
        "frames": frames,
        **{f"{kind}s": kinds[kind] for kind in ("point", "mask", "keypoint")},
        "boxes": kinds["box"],
    }


def _taken_frames(project: Project, key: SessionKey) -> set[TargetFrame]:
    """Return the frames of a pair that a person prompted, marked absent, or approved."""
    frames, masks = project.db.read(lambda tx: (prompted_digests(tx, key), list_masks(tx, key)))
    taken = {frame_idx for frame_idx, _ in frames}
    taken |= {mask.frame_idx for mask in masks if mask.approved or mask.absent}
    return {TargetFrame(key.instance_id, key.region, frame_idx) for frame_idx in taken}


def _add(contents: ImportContents, target: Target, item: Item, notes: Notes) -> None:
    found = item.content
    if isinstance(found, NamedPoint):
        contents.keypoints.setdefault((target.slot, item.frame_idx), []).append(found)
        return
    frame = TargetFrame(target.slot, target.region, item.frame_idx)
    content = contents.frames.setdefault(frame, FrameContent())
    where = f"frame {item.frame_idx}, {item.subject}"
    if isinstance(found, MaskContent):
        content.masks.append(found)
    elif isinstance(found, Point):
        if len(content.points) < MAX_POINTS_PER_FRAME:
            content.points.append(found)
        else:
            notes.add(Outcome.SKIPPED, f"A frame takes {MAX_POINTS_PER_FRAME} points.", where)
    elif content.box is None:
        content.box = found
    else:
        notes.add(Outcome.SKIPPED, "Its pair has another box on the frame.", where)
