"""Reads all annotations of a video at once, for a page that opens it."""

from __future__ import annotations

import zlib
from itertools import groupby
from operator import itemgetter
from typing import Any

import orjson

from sam2_session.core.columns import runs_of, spans_of
from sam2_session.core.types import SessionKey
from sam2_session.services.fields.fields import ListForm
from sam2_session.services.masks.masks import MaskService
from sam2_session.services.projects.class_book import ClassBook
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects
from sam2_session.services.prompts.prompts import PromptService
from sam2_session.storage.history_rows import all_depths
from sam2_session.storage.instance_rows import list_instances
from sam2_session.storage.keypoint_rows import list_keypoints
from sam2_session.storage.op_rows import current_rev, last_seq

PACKING_LEVEL, WINDOW_BITS, MEMORY_LEVEL = 4, 15, 9  # of zlib
PAIR = ("instance_id", "region")
STEPS = ("undo", "redo", "undo_by", "redo_by")


class VideoSnapshot:
    """Collects instances, prompts, masks, keypoints and history of one video."""

    def __init__(
        self, projects: Projects, classes: ClassBook, prompts: PromptService, masks: MaskService
    ) -> None:
        self._projects = projects
        self._classes = classes
        self._prompts = prompts
        self._masks = masks

    def read(self, video_id: str, client_id: str, *, form: ListForm) -> dict[str, Any]:
        """Read all annotations; `last_seq` is the newest stored command of this client.

        As columns the long lists are in `packed`: zlib of JSON, which nobody on the way parses.
        """
        project = self._projects.get(video_id)
        rev, last = project.db.read(lambda tx: (current_rev(tx), last_seq(tx, client_id)))
        instances = self.instances(video_id)
        lists = self._lists(project, instances, form)
        if form == "columns":
            text = orjson.dumps(lists)
            lists = {"packed": _packed(text), "packed_from": len(text)}
        return {
            "rev": rev,
            "regions": [region.to_wire() for region in self._projects.regions],
            **self._classes.list(),
            "instances": instances,
            **lists,
            "last_seq": last,
        }

    def _lists(
        self, project: Project, instances: list[dict[str, Any]], form: ListForm
    ) -> dict[str, Any]:
        """Read what grows with the video."""
        depths = project.db.read(all_depths)
        pairs = project.pairs()
        masks_of = self._masks.pack if form == "columns" else self._masks.list
        return {
            "prompts": [{**_named(key), **self._prompts.list(key)} for key in pairs],
            "masks": [{**_named(key), **masks_of(key)} for key in pairs],
            "keypoints": [_keypoints_of(project, row["instance_id"]) for row in instances],
            "history": pack_depths(depths) if form == "columns" else depths,
        }

    def instances(self, video_id: str) -> list[dict[str, Any]]:
        """List the instances that are not deleted."""
        rows = self._projects.get(video_id).db.read(list_instances)
        return [instance.to_wire() for instance in rows]


def _packed(text: bytes) -> bytes:
    """Compress columns of numbers: in these, short repetitions cost more than their digits."""
    filtered = zlib.compressobj(
        PACKING_LEVEL, zlib.DEFLATED, WINDOW_BITS, MEMORY_LEVEL, zlib.Z_FILTERED
    )
    return filtered.compress(text) + filtered.flush()


def pack_depths(depths: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Pack the history's depths of each pair by column, in the order of its frames."""
    packed = []
    for pair, rows in groupby(sorted(depths, key=_place), key=itemgetter(*PAIR)):
        frames = list(rows)
        columns = {name: runs_of(map(itemgetter(name), frames)) for name in STEPS}
        spans = spans_of([row["frame_idx"] for row in frames])
        packed.append({**dict(zip(PAIR, pair, strict=True)), "frames": spans, **columns})
    return packed


def _place(row: dict[str, Any]) -> tuple[int, str, int]:
    return row["instance_id"], row["region"] or "", row["frame_idx"]


def _named(key: SessionKey) -> dict[str, Any]:
    return {"instance_id": key.instance_id, "region": key.region}


def _keypoints_of(project: Project, instance_id: int) -> dict[str, Any]:
    rows = project.db.read(lambda tx: list_keypoints(tx, instance_id))
    return {"instance_id": instance_id, "keypoints": [row.to_wire() for row in rows]}
