"""What of a video is exported: pairs, frames, and which of their masks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sam2_session.core.colours import shade
from sam2_session.core.errors import InvalidRequest
from sam2_session.core.types import SessionKey
from sam2_session.formats.exporting.source import Pair
from sam2_session.services.projects.project import Project, Projects
from sam2_session.services.projects.regions import Region
from sam2_session.services.requests import optional_int, require_int
from sam2_session.storage.instance_rows import list_instances
from sam2_session.storage.keypoint_rows import list_keypoints
from sam2_session.storage.mask_rows import MaskRow

FIELDS = frozenset({"pairs", "start", "end", "approved_only", "stale"})
MAX_PAIRS = 1000


@dataclass(frozen=True, slots=True)
class Selection:
    """The chosen pairs in the order of instances and regions, the frames, and the masks' state."""

    pairs: tuple[Pair, ...]
    frames: range
    approved_only: bool = False
    stale: str = "keep"  # or "leave_out"

    def takes(self, mask: MaskRow, *, stale: bool) -> bool:
        """Whether a mask is chosen."""
        if mask.frame_idx not in self.frames or (self.approved_only and not mask.approved):
            return False
        return not (stale and self.stale == "leave_out")

    def to_json(self) -> dict[str, Any]:
        """As the manifest repeats it."""
        return {
            "pairs": [[pair.instance_id, pair.region] for pair in self.pairs],
            "start": self.frames.start,
            "end": self.frames.stop - 1,
            "approved_only": self.approved_only,
            "stale": self.stale,
        }


def parse_selection(
    projects: Projects, project: Project, data: Mapping[str, Any], num_frames: int
) -> Selection:
    """Check what was asked for; nothing said means all. Raises `SessionError`."""
    approved_only = data.get("approved_only", False)
    if not isinstance(approved_only, bool):
        raise InvalidRequest("approved_only must be true or false.")
    stale = data.get("stale", "keep")
    if stale not in ("keep", "leave_out"):
        raise InvalidRequest("stale must be keep or leave_out.")
    keys = _keys(projects, project, data.get("pairs"))
    frames = _frames(data, num_frames)
    return Selection(_pairs(project, keys, projects.regions), frames, approved_only, stale)


def _frames(data: Mapping[str, Any], num_frames: int) -> range:
    start = optional_int(data, "start") or 0
    end = optional_int(data, "end")
    end = num_frames - 1 if end is None else end
    if not start <= end < num_frames:
        raise InvalidRequest(
            f"There are no frames from {start} to {end}.",
            hint=f"start and end count from 0 to {num_frames - 1}, both included.",
        )
    return range(start, end + 1)


def _keys(projects: Projects, project: Project, asked: Any) -> list[SessionKey]:
    if asked is None or asked == "all":
        return _all_keys(projects, project)
    if not isinstance(asked, list) or len(asked) > MAX_PAIRS:
        raise InvalidRequest('pairs is "all" or a list of {instance_id, region}.')
    keys = []
    for pair in asked:
        if not isinstance(pair, Mapping):
            raise InvalidRequest("A pair is {instance_id, region}.")
        instance_id = require_int(pair, "instance_id", least=1)
        keys.append(projects.key(project.video_id, instance_id, str(pair.get("region")))[1])
    return list(dict.fromkeys(keys))


def _all_keys(projects: Projects, project: Project) -> list[SessionKey]:
    """Every pair that holds something; keypoints alone make one, too."""
    known = {region.name for region in projects.regions}
    keys = [key for key in project.pairs() if key.region in known]
    bare = {one.instance_id for one in project.db.read(list_instances)}
    bare -= {key.instance_id for key in keys}
    for instance_id in sorted(bare):
        if project.db.read(lambda tx, n=instance_id: list_keypoints(tx, n)):  # type: ignore[misc]
            keys.append(SessionKey(project.video_id, instance_id, projects.regions[0].name))
    return keys


def _pairs(
    project: Project, keys: list[SessionKey], regions: tuple[Region, ...]
) -> tuple[Pair, ...]:
    instances = {one.instance_id: one for one in project.db.read(list_instances)}
    places = {region.name: at for at, region in enumerate(regions)}
    pairs = [
        Pair(instance, key.region, at, shade(instance.colour, at))
        for key in keys
        for instance, at in [(instances[key.instance_id], places[key.region])]
    ]
    return tuple(sorted(pairs, key=lambda pair: (pair.instance_id, pair.region_at)))
