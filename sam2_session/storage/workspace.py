"""Knows every path under videos/ and outputs/; no other module does.

Every id is checked here, so that no id can name a path outside.
"""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sam2_session.core.errors import (
    BatchNotFound,
    InstanceNotFound,
    RegionNotFound,
    VideoNotFound,
)
from sam2_session.core.frame_files import file_number
from sam2_session.core.types import REGION_SLUG, SessionKey
from sam2_session.storage.leases import LeaseBook

MAX_ID_BYTES = 160  # leaves room for the suffixes of temp files under the usual limit of 255
LOCK_NAME = ".lock"
JOBS_NAME = "jobs.json"
DATABASE_NAME = "session.sqlite3"
PICTURES_NAME = ".pictures"
EXPORT_PREFIX = "export_"  # of the folders of a batch's exports, before the format
KeptMask = Literal["before", "after", "first"]  # in the folder of a run; see `replaced_path`


@dataclass(frozen=True, slots=True)
class Workspace:
    """The two folders of the user's data, and the paths of everything in them."""

    videos_dir: Path
    outputs_dir: Path
    min_free_bytes: int = 0  # of the disk: below it nothing large is begun
    leases: LeaseBook | None = None  # in a cluster, where other processes write to these folders

    def is_writer_of(self, video_id: str) -> bool:
        """Return whether this process may write to a video; without a cluster, to all."""
        return self.leases is None or self.leases.holds(video_id)

    def require_writer(self, video_id: str) -> None:
        """Raise `VideoElsewhere` if this process may not write to a video now."""
        if self.leases is not None:
            self.leases.require(video_id)

    def become_writer_of(self, video_id: str) -> None:
        """Take the lease of a video in a cluster. Raises `VideoElsewhere` if another has it."""
        if self.leases is not None:
            self.leases.when_needed(video_id)

    @property
    def is_read_only(self) -> bool:
        """Return whether nothing can be written to outputs/ now."""
        return self.outputs_dir.is_dir() and not os.access(self.outputs_dir, os.W_OK)

    @property
    def trash_dir(self) -> Path:
        """Folder of deleted videos, each in a folder of its own."""
        return self.outputs_dir / ".trash"

    @property
    def regions_path(self) -> Path:
        """File of the regions that users added, and of their names for configured regions."""
        return self.outputs_dir / "regions.json"

    @property
    def region_rules_path(self) -> Path:
        """File of the rules between regions that users chose in place of those configured."""
        return self.outputs_dir / "region_rules.json"

    @property
    def classes_path(self) -> Path:
        """File of the classes that users added to those configured, or removed from them."""
        return self.outputs_dir / "classes.json"

    @property
    def old_jobs_path(self) -> Path:
        """File in which older versions kept the newest background jobs of all videos."""
        return self.outputs_dir / ".jobs.json"

    @property
    def batches_dir(self) -> Path:
        """Folder of all batches, each in a folder of its own."""
        return self.outputs_dir / "batches"

    def batch_dir(self, batch_id: str) -> Path:
        """Folder of one batch: its `batch.json`, and what is exported of it."""
        if not is_video_id(batch_id):
            raise BatchNotFound(str(batch_id)[:80])
        return self.batches_dir / batch_id

    def batch_export_dir(self, batch_id: str, format_name: str) -> Path:
        """Folder of what a batch exports in one format."""
        return self.batch_dir(batch_id) / f"{EXPORT_PREFIX}{format_name}"

    def video_dir(self, video_id: str) -> Path:
        """Folder of one video's data."""
        if not is_video_id(video_id):
            raise VideoNotFound(str(video_id)[:80])
        return self.outputs_dir / video_id

    def video_json_path(self, video_id: str) -> Path:
        """File of a video's source, size, rate and frame times."""
        return self.video_dir(video_id) / "video.json"

    def jobs_path(self, video_id: str) -> Path:
        """File of a video's newest background jobs, with how they ended."""
        return self.video_dir(video_id) / JOBS_NAME

    def database_path(self, video_id: str) -> Path:
        """Database of a video: prompts, history, jobs and mask facts."""
        return self.video_dir(video_id) / DATABASE_NAME

    def pictures_dir(self, video_id: str) -> Path:
        """Folder of the PNGs of base masks, named by their content."""
        return self.video_dir(video_id) / PICTURES_NAME

    def found_dir(self, video_id: str) -> Path:
        """Folder of another tool's files, until they are imported."""
        return self.video_dir(video_id) / ".found"

    def damaged_dir(self, video_id: str, name: str) -> Path:
        """Folder of a damaged database that was replaced."""
        return self.video_dir(video_id) / f".damaged-{name}"

    def lock_path(self, video_id: str) -> Path:
        """Lock file that names the server writing to this video."""
        return self.video_dir(video_id) / LOCK_NAME

    def attempt_path(self, video_id: str) -> Path:
        """Mark that exists while the video's file is being read."""
        return self.video_dir(video_id) / ".reading"

    def frames_dir(self, video_id: str) -> Path:
        """Folder of the extracted frames."""
        return self.video_dir(video_id) / "frames"

    def frame_path(self, video_id: str, frame_idx: int) -> Path:
        """File of one extracted frame."""
        return self.frames_dir(video_id) / f"{file_number(frame_idx)}.jpg"

    def instance_dir(self, video_id: str, instance_id: int) -> Path:
        """Folder of one instance's data."""
        if isinstance(instance_id, bool) or not isinstance(instance_id, int) or instance_id < 1:
            raise InstanceNotFound(instance_id)
        return self.video_dir(video_id) / f"instance{instance_id}"

    def deleted_instance_dir(self, video_id: str, instance_id: int) -> Path:
        """Hidden folder that keeps a deleted instance for undo."""
        folder = self.instance_dir(video_id, instance_id)
        return folder.with_name(f".deleted_{folder.name}")

    def keypoints_path(self, video_id: str, instance_id: int) -> Path:
        """File of an instance's keypoints, for other programs."""
        return self.instance_dir(video_id, instance_id) / "keypoints.json"

    def masks_dir(self, key: SessionKey) -> Path:
        """Folder of a pair's masks."""
        return self._pair_path(key, "masks_{}")

    def mask_path(self, key: SessionKey, frame_idx: int) -> Path:
        """File of one mask; it has the number of its frame."""
        return self.masks_dir(key) / f"{file_number(frame_idx)}.png"

    def points_path(self, key: SessionKey) -> Path:
        """File of a pair's points and boxes, for other programs."""
        return self._pair_path(key, "points_{}.json")

    def exports_dir(self, video_id: str) -> Path:
        """Folder of complete exports, each in a folder named by its id."""
        return self.video_dir(video_id) / "exports"

    def rebuilds_dir(self, video_id: str) -> Path:
        """Folder of masks made again from the saved prompts, to compare with the saved ones."""
        return self.video_dir(video_id) / "rebuilds"

    def replaced_dir(self, video_id: str, run: int) -> Path:
        """Folder of the masks that a run replaced."""
        return self.video_dir(video_id) / ".replaced" / str(int(run))

    def replaced_path(
        self, key: SessionKey, run: int, frame_idx: int, kept: KeptMask = "before"
    ) -> Path:
        """File of a mask that a run replaced, with its folders named as where it was.

        `kept` after: the mask that the run wrote, once it was taken back; first: that of a fill's
        first pass.
        """
        masks = self.masks_dir(key)
        folder = self.replaced_dir(key.video_id, run) / masks.parent.name / masks.name
        suffix = "" if kept == "before" else f".{kept}"
        return folder / f"{file_number(frame_idx)}{suffix}.png"

    def track_log_path(self, key: SessionKey) -> Path:
        """Track log of a pair's runs."""
        return self._pair_path(key, ".track_{}")

    def old_replaced_dir(self, key: SessionKey) -> Path:
        """Folder in which older versions kept the masks that a pair's stretch runs replaced."""
        return self._pair_path(key, ".replaced_{}")

    def _pair_path(self, key: SessionKey, pattern: str) -> Path:
        if not isinstance(key.region, str) or not REGION_SLUG.fullmatch(key.region):
            raise RegionNotFound(str(key.region)[:80])
        return self.instance_dir(key.video_id, key.instance_id) / pattern.format(key.region)


def is_video_id(value: object) -> bool:
    """Tell if an id has only letters, digits and ``_ - .`` of any script, and is not hidden."""
    return (
        isinstance(value, str)
        and 0 < len(value.encode("utf-8", "surrogatepass")) <= MAX_ID_BYTES
        and not value.startswith((".", "-"))
        and not value.endswith(".")
        and all(is_id_char(char) for char in value)
    )


def is_id_char(char: str) -> bool:
    """Return whether an id may contain this character: letters, marks and digits, or ``_ - .``."""
    return char in "_-." or unicodedata.category(char)[0] in "LMN"
