"""A rebuild: masks made again from the saved prompts, beside the saved ones."""

from __future__ import annotations

from dataclasses import dataclass

from sam2_session.client.connection import Connection, Json
from sam2_session.client.jobs import Job
from sam2_session.client.pairs import Pair
from sam2_session.client.pixels import mask_of
from sam2_session.core.types import BoolMask
from sam2_session.services.operations import rebuilds


@dataclass(frozen=True, slots=True)
class RebuiltFrame:
    """A rebuilt mask beside the saved one; `iou` is None where no mask was saved.

    `checked`: a person made or approved the saved mask. Areas are in pixels.
    """

    frame_idx: int
    iou: float | None
    area: int
    saved_area: int | None
    score: float
    checked: bool


@dataclass(frozen=True, slots=True)
class RebuiltPair:
    """Overlap of a rebuilt pair with its saved masks: mean and least IoU, and each frame."""

    instance_id: int
    region: str
    compared: int
    mean_iou: float | None
    min_iou: float | None
    frames: tuple[RebuiltFrame, ...]


class Rebuild:
    """The masks of a finished rebuild; a new one of the same video takes its place."""

    def __init__(self, connection: Connection, facts: Json) -> None:
        self._connection = connection
        self.facts = facts  # as REST answers them
        self._names = {"video_id": facts["video_id"], "rebuild_id": facts["rebuild_id"]}

    @property
    def rebuild_id(self) -> str:
        return str(self.facts["rebuild_id"])

    @property
    def model(self) -> str:
        """The model that made the masks."""
        return str(self.facts["model"])

    @property
    def pairs(self) -> list[RebuiltPair]:
        """The figures of each pair."""
        return [
            RebuiltPair(
                row["instance_id"],
                row["region"],
                row["compared"],
                row["mean_iou"],
                row["min_iou"],
                tuple(RebuiltFrame(**frame) for frame in row["frames"]),
            )
            for row in self.facts["pairs"]
        ]

    def mask(self, pair: Pair, frame: int) -> BoolMask:
        """Read a rebuilt mask. Raises `MaskNotFound`."""
        png = self._connection.call(
            rebuilds.READ_REBUILT_MASK,
            **self._names,
            instance_id=pair.instance_id,
            region=pair.region,
            frame_idx=frame,
        )
        return mask_of(png, pair.video.size_hw)

    def take(self) -> Job:
        """Start to replace the saved masks; those that a person made or approved stay.

        One undo on any of the frames takes all of it back.
        """
        answer = self._connection.call(rebuilds.TAKE_REBUILD, **self._names)
        return Job.started(self._connection, answer)
