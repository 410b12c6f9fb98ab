"""Where everything lies on disk: the only module that knows a path under videos/ or outputs/.

Frame 0 is file ``00001``. Every id is checked here, so that no id can name a path outside.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path

from sam2_session.core.errors import (
    InstanceNotFound,
    RegionNotFound,
    VideoNotFound,
)
from sam2_session.core.frame_files import file_number
from sam2_session.core.types import REGION_SLUG, SessionKey

MAX_ID_BYTES = 160  # leaves room for the suffixes of temp files under the usual limit of 255
LOCK_NAME = ".lock"


@dataclass(frozen=True, slots=True)
class Workspace:
    """The two folders of the user's data, and the names of all that lies in them."""

    videos_dir: Path
    outputs_dir: Path

    @property
    def trash_dir(self) -> Path:
        """Where deleted videos go, each in a folder of its own."""
        return self.outputs_dir / ".trash"

    @property
    def regions_path(self) -> Path:
        """The regions that people added, and what they call those of the configuration."""
        return self.outputs_dir / "regions.json"

    def video_dir(self, video_id: str) -> Path:
        """All that belongs to one video."""
        if not is_video_id(video_id):
            raise VideoNotFound(str(video_id)[:80])
        return self.outputs_dir / video_id

    def video_json_path(self, video_id: str) -> Path:
        """Source, size, rate and the pts of every frame."""
        return self.video_dir(video_id) / "video.json"

    def database_path(self, video_id: str) -> Path:
        """Prompts, history, jobs and mask facts of one video."""
        return self.video_dir(video_id) / "session.sqlite3"

    def found_dir(self, video_id: str) -> Path:
        """What another tool had left here, until it is imported."""
        return self.video_dir(video_id) / ".found"

    def lock_path(self, video_id: str) -> Path:
        """Who writes to this video now."""
        return self.video_dir(video_id) / LOCK_NAME

    def attempt_path(self, video_id: str) -> Path:
        """A mark that lies there while the file is being read."""
        return self.video_dir(video_id) / ".reading"

    def frames_dir(self, video_id: str) -> Path:
        """The extracted frames."""
        return self.video_dir(video_id) / "frames"

    def frame_path(self, video_id: str, frame_idx: int) -> Path:
        """One extracted frame."""
        return self.frames_dir(video_id) / f"{file_number(frame_idx)}.jpg"

    def instance_dir(self, video_id: str, instance_id: int) -> Path:
        """All that belongs to one instance."""
        if isinstance(instance_id, bool) or not isinstance(instance_id, int) or instance_id < 1:
            raise InstanceNotFound(instance_id)
        return self.video_dir(video_id) / f"instance{instance_id}"

    def deleted_instance_dir(self, video_id: str, instance_id: int) -> Path:
        """Where a deleted instance waits for its return, out of sight of whoever reads masks."""
        folder = self.instance_dir(video_id, instance_id)
        return folder.with_name(f".deleted_{folder.name}")

    def keypoints_path(self, video_id: str, instance_id: int) -> Path:
        """The keypoints of one instance, as other programs read them."""
        return self.instance_dir(video_id, instance_id) / "keypoints.json"

    def masks_dir(self, key: SessionKey) -> Path:
        """The masks of one pair."""
        return self._pair_path(key, "masks_{}")

    def mask_path(self, key: SessionKey, frame_idx: int) -> Path:
        """One mask: the same number as its frame."""
        return self.masks_dir(key) / f"{file_number(frame_idx)}.png"

    def points_path(self, key: SessionKey) -> Path:
        """The points and boxes of one pair, as other programs read them."""
        return self._pair_path(key, "points_{}.json")

    def exports_dir(self, video_id: str) -> Path:
        """The exports that are whole, each in a folder named by its id."""
        return self.video_dir(video_id) / "exports"

    def track_log_path(self, key: SessionKey) -> Path:
        """What the runs of one pair have finished."""
        return self._pair_path(key, ".track_{}")

    def _pair_path(self, key: SessionKey, pattern: str) -> Path:
        if not isinstance(key.region, str) or not REGION_SLUG.fullmatch(key.region):
            raise RegionNotFound(str(key.region)[:80])
        return self.instance_dir(key.video_id, key.instance_id) / pattern.format(key.region)


def is_video_id(value: object) -> bool:
    """Whether `value` is letters, digits, ``_ - .`` of any script, not hidden and not too long."""
    return (
        isinstance(value, str)
        and 0 < len(value.encode("utf-8", "surrogatepass")) <= MAX_ID_BYTES
        and not value.startswith((".", "-"))
        and not value.endswith(".")
        and all(is_id_char(char) for char in value)
    )


def is_id_char(char: str) -> bool:
    """Letters, marks and digits of any script, and ``_ - .``; no separators, controls or bidi."""
    return char in "_-." or unicodedata.category(char)[0] in "LMN"
