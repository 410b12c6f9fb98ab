"""Finds the instance and region of each subject: suggested, remembered, or chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sam2_session.core.errors import InstanceNotFound
from sam2_session.core.types import Instance
from sam2_session.formats.importing.label_names import same_name
from sam2_session.formats.importing.plan import Subject
from sam2_session.services.imports.options import Wish

MAX_WANTED_ID = 10_000

Slot = int | str  # an instance's id, or the group to make a new instance for


@dataclass(frozen=True, slots=True)
class Target:
    """The pair for a subject; with a text as `slot`, its instance does not exist yet."""

    slot: Slot
    region: str
    name: str | None = None
    wanted_id: int | None = None
    class_name: str | None = None  # for an instance that has none yet

    def to_wire(self) -> dict[str, Any]:
        """``{instance_id, new_instance, region, class_name}``; one of the first two is null."""
        known = self.slot if isinstance(self.slot, int) else None
        fresh = (self.name or "") if known is None else None
        return {
            "instance_id": known,
            "new_instance": fresh,
            "region": self.region,
            "class_name": self.class_name,
        }


@dataclass(frozen=True, slots=True)
class VideoPairs:
    """The instances and regions a video has before an import."""

    instances: Sequence[Instance]
    regions: Sequence[str]
    is_untouched: bool  # without annotations: its first instance may be used

    @property
    def default_region(self) -> str:
        """The region for subjects that name none."""
        return "overall" if "overall" in self.regions else self.regions[0]


def find_targets(
    subjects: Sequence[Subject],
    video: VideoPairs,
    remembered: Mapping[str, Wish | None],
    chosen: Mapping[str, Wish | None],
) -> dict[str, Target | None]:
    """Find each subject's target; None leaves it out. `chosen` goes before `remembered`.

    Raises `InstanceNotFound` for a chosen instance that is not there.
    """
    known = {instance.instance_id for instance in video.instances}
    targets: dict[str, Target | None] = {}
    slots: dict[str, tuple[Slot, str | None]] = {}
    suggested: dict[tuple[Slot, str], str] = {}  # the label that each pair is for
    for subject in subjects:
        slot, name = slots.get(subject.group) or _slot_of(subject, video, slots)
        slots[subject.group] = (slot, name)
        region = subject.region if subject.region in video.regions else None
        if region is None and suggested.get((slot, video.default_region), subject.label) != (
            subject.label
        ):  # two unknown labels are two things
            slot, name = f"{subject.group}/{subject.label}", subject.label
        region = region or video.default_region
        suggested.setdefault((slot, region), subject.label)
        target: Target | None = Target(slot, region, name, _wanted(subject), subject.class_name)
        for source, is_chosen in ((remembered, False), (chosen, True)):
            wish = source.get(subject.name, source.get(subject.label, _AS_SUGGESTED))
            if wish is None or target is None:
                target = None if wish is None else target
            else:
                target = _granted(target, wish, subject, known, strict=is_chosen)
        targets[subject.name] = target
    return targets


def to_remember(targets: Mapping[str, Target | None], ids: Mapping[str, int]) -> dict[str, Any]:
    """Describe the mapping for the next import; `ids` are the new instances by group."""
    kept: dict[str, Any] = {}
    for name, target in targets.items():
        if target is None:
            kept[name] = None
        else:
            slot = target.slot if isinstance(target.slot, int) else ids.get(target.slot)
            kept[name] = {"instance_id": slot, "region": target.region} if slot else None
    return kept


_AS_SUGGESTED = Wish()


def _slot_of(
    subject: Subject, video: VideoPairs, taken: Mapping[str, tuple[Slot, str | None]]
) -> tuple[Slot, str | None]:
    """Choose an instance of this id or name; on an untouched video the first; else a new one."""
    ids = {instance.instance_id for instance in video.instances}
    used = {slot for slot, _ in taken.values()}
    if subject.instance_id in ids and subject.instance_id not in used:
        return subject.instance_id or 0, None
    for instance in video.instances:
        if subject.instance_name and same_name(instance.name, subject.instance_name):
            return instance.instance_id, None
    first = video.instances[0].instance_id if video.instances else None
    free = video.is_untouched and subject.instance_id is None and first not in used
    if free and first is not None:
        return first, None
    return subject.group, subject.instance_name


def _wanted(subject: Subject) -> int | None:
    found = subject.instance_id
    return found if found is not None and found <= MAX_WANTED_ID else None


def _granted(
    target: Target, wish: Wish, subject: Subject, known: set[int], *, strict: bool
) -> Target:
    if wish.region is not None:
        target = replace(target, region=wish.region)
    if wish.new:
        return replace(target, slot=subject.group, name=subject.instance_name)
    if wish.instance_id in known:
        return replace(target, slot=wish.instance_id, name=None)
    if wish.instance_id is not None and strict:
        raise InstanceNotFound(wish.instance_id)
    return target
