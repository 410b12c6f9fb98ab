"""The plan's items put together: one draft for each frame of a pair, keypoints by instance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from sam2_session.core.frame_state import FrameState
from sam2_session.core.masks import mask_facts
from sam2_session.core.png import encode_gray8
from sam2_session.core.types import (
    MAX_POINTS_PER_FRAME,
    BoolMask,
    Box,
    FramePrompt,
    MaskSource,
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
from sam2_session.storage.frame_rows import BaseRow, prompted_digests
from sam2_session.storage.instance_rows import list_instances
from sam2_session.storage.mask_rows import MaskRow, list_masks

Place = tuple[Slot, str, int]  # instance or group, region, frame_idx


@dataclass(slots=True)
class Draft:
    """What a frame of a pair is to hold."""

    points: list[Point] = field(default_factory=list)
    box: Box | None = None
    masks: list[MaskContent] = field(default_factory=list)

    @property
    def prompt(self) -> FramePrompt:
        """Points and box."""
        return FramePrompt(tuple(self.points), self.box)

    def read_mask(self) -> BoolMask | None:
        """All masks as one; None without any. Raises `InvalidPrompt` for a broken one."""
        mask_hw: BoolMask | None = None
        for content in self.masks:
            read = content.read()
            mask_hw = read if mask_hw is None else mask_hw | read
        return mask_hw


@dataclass(frozen=True, slots=True)
class Drafts:
    """All there is to write, in the order of frames."""

    frames: dict[Place, Draft]
    keypoints: dict[tuple[Slot, int], list[NamedPoint]]
    new_instances: dict[str, Target]  # by their group


@dataclass(slots=True)
class Staged:
    """A draft whose mask is in the database already, hidden there until the import is."""

    place: Place
    prompt: FramePrompt
    base_id: int | None
    before: FrameState | None = None  # the frame's state when it was looked at
    revs: tuple[int | None, int | None] = (None, None)  # of its row and of its mask, by then


def make_drafts(
    plan: ImportPlan, targets: Mapping[str, Target | None], guard: Guard, notes: Notes
) -> Drafts:
    """Put together what goes to the same place; leave out what must stay as it is."""
    drafts = Drafts({}, {}, {})
    for item in plan.items:
        target = targets.get(item.subject)
        if target is None:
            notes.add(Outcome.SKIPPED, "Its label is left out.", item.subject)
        elif not guard.refuses(target, item, notes):
            _add(drafts, target, item, notes)
            if isinstance(target.slot, str):
                drafts.new_instances.setdefault(target.slot, target)
    return drafts


class Guard:
    """Knows what must not be written over: locked instances, and people's work if it is kept."""

    def __init__(self, project: Project, existing: Existing) -> None:
        instances = project.db.read(list_instances)
        self._locked = {one.instance_id: one.name for one in instances if one.locked}
        self._taken: set[Place] = set()
        if existing is Existing.KEEP:
            for key in project.pairs():
                self._keep(project, key)

    def refuses(self, target: Target, item: Item, notes: Notes) -> bool:
        """Whether an item must not be written; noted."""
        where = f"frame {item.frame_idx}, {item.subject}"
        if target.slot in self._locked:
            notes.add(Outcome.SKIPPED, f"{self._locked[target.slot]} is locked.", where)
            return True
        place = (target.slot, target.region, item.frame_idx)
        if not isinstance(item.content, NamedPoint) and place in self._taken:
            why = "Somebody has prompted the frame or approved its mask; that is kept."
            notes.add(Outcome.SKIPPED, why, where)
            return True
        return False

    def _keep(self, project: Project, key: SessionKey) -> None:
        frames, masks = project.db.read(lambda tx: (prompted_digests(tx, key), list_masks(tx, key)))
        kept = {frame_idx for frame_idx, _ in frames}
        kept |= {mask.frame_idx for mask in masks if mask.approved}
        self._taken |= {(key.instance_id, key.region, frame_idx) for frame_idx in kept}


def base_of(mask_hw: BoolMask, source: MaskSource) -> BaseRow:
    """A mask as the database keeps it below a frame's prompts."""
    facts = MaskRow(0, 0, source, mask_facts(mask_hw)).to_wire()
    return BaseRow(encode_gray8(mask_hw), facts, None, None)


def counts_of(plan: ImportPlan) -> dict[str, int]:
    """How many items of each kind, and on how many frames."""
    kinds = Counter(item.kind for item in plan.items)
    frames = len({item.frame_idx for item in plan.items})
    return {
        "frames": frames,
        **{f"{kind}s": kinds[kind] for kind in ("point", "mask", "keypoint")},
        "boxes": kinds["box"],
    }


def taken_of(drafts: Drafts) -> dict[str, int]:
    """The same of what is to be written: without all that is left out."""
    every = drafts.frames.values()
    frames = {frame_idx for _, _, frame_idx in drafts.frames}
    return {
        "frames": len(frames | {frame_idx for _, frame_idx in drafts.keypoints}),
        "points": sum(len(draft.points) for draft in every),
        "masks": sum(len(draft.masks) for draft in every),
        "keypoints": sum(map(len, drafts.keypoints.values())),
        "boxes": sum(draft.box is not None for draft in every),
    }


def _add(drafts: Drafts, target: Target, item: Item, notes: Notes) -> None:
    content = item.content
    if isinstance(content, NamedPoint):
        drafts.keypoints.setdefault((target.slot, item.frame_idx), []).append(content)
        return
    place = (target.slot, target.region, item.frame_idx)
    draft = drafts.frames.setdefault(place, Draft())
    where = f"frame {item.frame_idx}, {item.subject}"
    if isinstance(content, MaskContent):
        draft.masks.append(content)
    elif isinstance(content, Point):
        if len(draft.points) < MAX_POINTS_PER_FRAME:
            draft.points.append(content)
        else:
            notes.add(Outcome.SKIPPED, f"A frame takes {MAX_POINTS_PER_FRAME} points.", where)
    elif draft.box is None:
        draft.box = content
    else:
        notes.add(Outcome.SKIPPED, "Its pair has another box on the frame.", where)
