"""A pair: one region of one instance, with its prompts and masks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import numpy.typing as npt

from sam2_session.client.facts import MaskFacts, PromptedFrame
from sam2_session.client.jobs import Job
from sam2_session.client.pixels import mask_of, png_of, stack_of
from sam2_session.client.runs import FrameMask, follow
from sam2_session.client.source import VideoSource
from sam2_session.core.types import BoolMask, Point, SessionKey
from sam2_session.services.operations import mask_streams, masks, prompts, propagation, repairs
from sam2_session.services.operations.operation import Operation

Way = Literal["forward", "backward", "both"]
Spans = Iterable[tuple[int, int]]


class Pair:
    """One region of one instance of a video.

    Coordinates are pixels of the source, origin top left. Masks are bool arrays (H, W) of the
    source's size; `frame` counts from 0. Every method raises `SessionError`.
    """

    def __init__(self, video: VideoSource, instance_id: int, region: str) -> None:
        self.video = video
        self.instance_id = instance_id
        self.region = region
        self._names = {
            "video_id": video.video_id,
            "instance_id": instance_id,
            "region": region,
        }

    @property
    def key(self) -> SessionKey:
        """Video, instance and region."""
        return SessionKey(self.video.video_id, self.instance_id, self.region)

    def click(self, x: float, y: float, frame: int, label: int = 1) -> BoolMask:
        """Add a click to a frame; label 1 is positive, 0 negative. Returns the frame's mask."""
        return self.add_points([(x, y, label)], frame)

    def add_points(self, points: Iterable[tuple[float, float, int]], frame: int) -> BoolMask:
        """Add clicks ``(x, y, label)`` as one change. Returns the frame's mask."""
        rows = [Point(x, y, label).to_wire() for x, y, label in points]
        return self._change(prompts.ADD_POINTS, frame, points=rows)

    def set_prompts(
        self,
        frame: int,
        points: Iterable[tuple[float, float, int]] = (),
        box: tuple[float, float, float, float] | None = None,
    ) -> BoolMask:
        """Replace all prompts of a frame by these. Returns the frame's mask."""
        rows = [Point(x, y, label).to_wire() for x, y, label in points]
        corners = None if box is None else list(box)
        return self._change(prompts.REPLACE_PROMPTS, frame, points=rows, box=corners)

    def box(self, x0: float, y0: float, x1: float, y1: float, frame: int) -> BoolMask:
        """Set the frame's box; its clicks stay. Returns the frame's mask."""
        return self._change(prompts.SET_BOX, frame, box=[x0, y0, x1, y1])

    def put_mask(self, mask_hw: npt.ArrayLike, frame: int) -> BoolMask:
        """Replace the frame's prompts by a mask (H, W) of your own; what is not 0 is set."""
        png = png_of(mask_hw, self.video.size_hw)
        return self._change(prompts.SET_MASK, frame, mask=png)

    def clear(self, frame: int) -> None:
        """Remove the frame's prompts and the mask they led to. Raises `NothingToDo`."""
        self._call(prompts.CLEAR_FRAME, frame_idx=frame)

    def undo(self, frame: int) -> None:
        """Undo the last change of the frame. Raises `NothingToDo`."""
        self._step(prompts.UNDO, frame)

    def redo(self, frame: int) -> None:
        """Redo the change that was undone last. Raises `NothingToDo`."""
        self._step(prompts.REDO, frame)

    def prompts(self) -> list[PromptedFrame]:
        """Read the prompts of every prompted frame."""
        return [PromptedFrame.read(row) for row in self._call(prompts.LIST_PROMPTS)["prompts"]]

    def mask(self, frame: int) -> BoolMask:
        """Read the mask of a frame. Raises `MaskNotFound`."""
        return mask_of(self._call(masks.READ_MASK, frame_idx=frame), self.video.size_hw)

    def masks(self, start: int | None = None, end: int | None = None) -> dict[int, BoolMask]:
        """Read every mask by its frame, or those from `start` to `end`, both included.

        A mask is held in memory whole: for a long video, read a range at a time.
        """
        whole = self.video.num_frames - 1
        first, last = start or 0, whole if end is None else min(end, whole)
        if first > last:
            return {}
        if self.video.connection.is_remote and not self._call(repairs.GET_CLEANING)["on"]:
            return self._stream_masks(first, last)  # cleans by the rule, which stored masks may not
        frames = [facts.frame_idx for facts in self.facts() if first <= facts.frame_idx <= last]
        return {frame_idx: self.mask(frame_idx) for frame_idx in frames}

    def _stream_masks(self, first: int, last: int) -> dict[int, BoolMask]:
        """Read the masks of a range in one answer of the server."""
        with TemporaryDirectory(prefix="sam2-session-") as folder:
            path = Path(folder) / "masks.npz"
            pairs = f"{self.instance_id}/{self.region}"
            self.video.connection.save_file(
                mask_streams.STREAM_NPZ,
                path,
                video_id=self.video.video_id,
                pairs=pairs,
                start=first,
                end=last,
            )
            return stack_of(path)

    def facts(self) -> list[MaskFacts]:
        """List every mask without its pixels: score, area, where it comes from."""
        return [MaskFacts.read(row) for row in self._call(masks.LIST_MASKS)["masks"]]

    def propagate(
        self,
        start: int | None = None,
        end: int | None = None,
        direction: Way = "forward",
        **options: Any,
    ) -> Iterator[FrameMask]:
        """Carry the pair's prompts through the video; yields each mask once it is stored.

        The run begins at once. Leaving the loop early stops it, and what it made is kept. `options`
        are `from_frame`, `force`, `approved`, `mode`, `memory` and `on_guard`: see docs/rest.md.
        Raises `NothingToDo` if nothing has changed since the last run; `force=True` runs
        nevertheless.
        """
        pair = {"instance_id": self.instance_id, "region": self.region}
        given = {"start": start, "end": end, "direction": direction, **options}
        request = {name: value for name, value in given.items() if value is not None}
        answer = self.video.connection.call(
            propagation.PROPAGATE, video_id=self.video.video_id, pairs=[pair], **request
        )
        return follow(self, Job.started(self.video.connection, answer))

    def approve(self, frames: Spans, approved: bool = True) -> int:
        """Approve the masks in spans ``(first, last)``, or take it back; returns their number."""
        answer = self._call(masks.APPROVE, frames=_listed(frames), approved=approved)
        return int(answer["count"])

    def delete_masks(self, frames: Spans, *, checked: bool = False) -> Job:
        """Start to delete the masks in spans ``(first, last)``, as one step to undo.

        Those that a person made or approved stay, unless `checked`: then prompts go, too.
        """
        answer = self._call(repairs.DELETE_MASKS, frames=_listed(frames), checked=checked)
        return Job.started(self.video.connection, answer)

    def mark_absent(self, frames: Spans, absent: bool = True) -> None:
        """Say that the object is not there in spans ``(first, last)`` of frames."""
        self._call(repairs.MARK_ABSENT, frames=_listed(frames), absent=absent)

    def _change(self, operation: Operation[Any], frame: int, **fields: Any) -> BoolMask:
        self._call(operation, frame_idx=frame, **fields)
        return self.mask(frame)

    def _step(self, operation: Operation[Any], frame: int) -> None:
        self._call(operation, frame_idx=frame)

    def _call(self, operation: Operation[Any], **fields: Any) -> Any:
        return self.video.connection.call(operation, **self._names, **fields)

    def __repr__(self) -> str:
        return f"<Pair {self.key}>"


def _listed(frames: Spans) -> list[list[int]]:
    return [[first, last] for first, last in frames]
