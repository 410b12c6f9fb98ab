"""Selects the pairs, frames and masks of a video for an export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from msgspec import Meta

from sam2_session.core.colours import shade
from sam2_session.core.errors import InvalidRequest
from sam2_session.core.types import SessionKey
from sam2_session.formats.exporting.source import Pair
from sam2_session.services.fields.fields import (
    Fields,
    FrameIdx,
    PairName,
    field_names,
    read_fields,
)
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects
from sam2_session.services.projects.regions import Region
from sam2_session.storage.instance_rows import list_instances
from sam2_session.storage.keypoint_rows import list_keypoints
from sam2_session.storage.mask_rows import MaskRow

MAX_PAIRS = 1000


@dataclass(frozen=True, slots=True)
class Selection:
    """The chosen pairs in the order of instances and regions, the frames, and the masks' state."""

    pairs: tuple[Pair, ...]
    frames: range
    approved_only: bool = False
    stale: str = "keep"  # or "leave_out"

    def takes(self, mask: MaskRow, *, stale: bool) -> bool:
        """Return whether a mask is selected."""
        if mask.frame_idx not in self.frames or (self.approved_only and not mask.approved):
            return False
        return not (stale and self.stale == "leave_out")

    def to_json(self) -> dict[str, Any]:
        """Describe the selection for the manifest."""
        return {
            "pairs": [[pair.instance_id, pair.region] for pair in self.pairs],
            "start": self.frames.start,
            "end": self.frames.stop - 1,
            "approved_only": self.approved_only,
            "stale": self.stale,
        }


class SelectionFields(Fields, frozen=True, kw_only=True):
    """A selection on the wire; a field left out selects all."""

    pairs: Annotated[list[PairName], Meta(max_length=MAX_PAIRS)] | Literal["all"] | None = "all"
    start: FrameIdx | None = None
    end: FrameIdx | None = None
    approved_only: bool = False
    stale: Literal["keep", "leave_out"] = "keep"


FIELDS = frozenset(field_names(SelectionFields))


def parse_selection(
    projects: Projects, project: Project, data: Mapping[str, Any], num_frames: int
) -> Selection:
    """Check the fields of a selection. Raises `SessionError`."""
    wanted = read_fields(SelectionFields, data)
    keys = _keys(projects, project, wanted)
    pairs = _pairs(project, keys, projects.regions)
    return Selection(pairs, _frames(wanted, num_frames), wanted.approved_only, wanted.stale)


def selected_pairs(
    projects: Projects, project: Project, pairs: list[PairName] | None
) -> tuple[Pair, ...]:
    """Find the pairs with their colours; None selects all of visible instances."""
    keys = _keys(projects, project, SelectionFields(pairs=pairs or "all"))
    found = _pairs(project, keys, projects.regions)
    return found if pairs else tuple(pair for pair in found if not pair.instance.hidden)


def _frames(wanted: SelectionFields, num_frames: int) -> range:
    start = wanted.start or 0
    end = num_frames - 1 if wanted.end is None else wanted.end
    if not start <= end < num_frames:
        raise InvalidRequest(
            f"There are no frames from {start} to {end}.",
            hint=f"start and end count from 0 to {num_frames - 1}, both included.",
        )
    return range(start, end + 1)


def _keys(projects: Projects, project: Project, wanted: SelectionFields) -> list[SessionKey]:
    if not isinstance(wanted.pairs, list):
        return _all_keys(projects, project)
    keys = [
        projects.key(project.video_id, pair.instance_id, pair.region)[1] for pair in wanted.pairs
    ]
    return list(dict.fromkeys(keys))


def _all_keys(projects: Projects, project: Project) -> list[SessionKey]:
    """List every pair with annotations; keypoints alone count for a pair, too."""
    known = {region.name for region in projects.regions}
    keys = [key for key in project.pairs() if key.region in known]
    bare = {instance.instance_id for instance in project.db.read(list_instances)}
    bare -= {key.instance_id for key in keys}
    for instance_id in sorted(bare):
        if project.db.read(lambda tx, n=instance_id: list_keypoints(tx, n)):  # type: ignore[misc]
            keys.append(SessionKey(project.video_id, instance_id, projects.regions[0].name))
    return keys


def _pairs(
    project: Project, keys: list[SessionKey], regions: tuple[Region, ...]
) -> tuple[Pair, ...]:
    instances = {instance.instance_id: instance for instance in project.db.read(list_instances)}
    region_order = {region.name: at for at, region in enumerate(regions)}
    pairs = [
        Pair(instance, key.region, at, shade(instance.colour, at))
        for key in keys
        for instance, at in [(instances[key.instance_id], region_order[key.region])]
    ]
    return tuple(sorted(pairs, key=lambda pair: (pair.instance_id, pair.region_at)))
