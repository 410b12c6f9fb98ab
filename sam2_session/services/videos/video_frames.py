"""Reads a video's extracted frames: pictures, times, source numbers and file names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sam2_session.core.errors import FrameNotExtracted, FrameNotFound, InvalidRequest
from sam2_session.services.decoding.sources import picture_names
from sam2_session.services.videos.frame_repair import FrameRepair
from sam2_session.services.videos.info import VideoInfo
from sam2_session.services.videos.video_table import VideoTable
from sam2_session.storage import catalog
from sam2_session.storage.frame_table import FrameTable
from sam2_session.storage.thumbnails import Thumbnails
from sam2_session.storage.video_record import fraction_text, read_table
from sam2_session.storage.workspace import Workspace


class VideoFrames:
    """Frames of every video, for any thread; `info` finds a video and raises `VideoNotFound`."""

    def __init__(
        self,
        workspace: Workspace,
        table: VideoTable,
        repair: FrameRepair,
        info: Callable[[str], VideoInfo],
    ) -> None:
        self._workspace = workspace
        self._table = table
        self._repair = repair
        self._info = info
        self._thumbnails = Thumbnails()

    def source_numbers(self, video_id: str) -> Sequence[int]:
        """Return the source number of each frame; without damage they count from 0."""
        table = read_table(self._workspace, video_id)
        return table.source_numbers if table else range(self._info(video_id).num_frames)

    def path(self, video_id: str, frame_idx: int) -> Path:
        """Return the path of a frame's JPEG, made anew if it is gone or not ours.

        Raises `FrameNotFound`, `FrameNotExtracted`, or `StorageFailed` if it cannot be made.
        """
        if isinstance(frame_idx, bool) or not isinstance(frame_idx, int):
            raise InvalidRequest(f"frame_idx must be a whole number, not {frame_idx!r}.")
        info = self._info(video_id)
        if not 0 <= frame_idx < max(info.num_frames, 1):
            raise FrameNotFound(frame_idx, info.num_frames)
        if frame_idx >= info.extracted:
            raise FrameNotExtracted(frame_idx, info.extracted)
        return self._repair.good_path(self._table.row(video_id), frame_idx)

    def read(self, video_id: str, frame_idx: int, width: int | None = None) -> bytes:
        """Return a frame as JPEG; `width` in pixels scales it down."""
        path = self.path(video_id, frame_idx)
        full_width = self._info(video_id).width
        return self._thumbnails.read(path, full_width=full_width, width=width)

    def times(self, video_id: str) -> dict[str, Any]:
        """Return `frames.json`: the time of each frame extracted so far."""
        row, info = self._table.row(video_id), self._info(video_id)
        table = read_table(self._workspace, video_id) if row.record.complete else None
        if table is None and row.extraction:
            table = row.extraction.table().first(row.extracted)
        table = table or FrameTable.empty()
        return {
            "video_id": video_id,
            "fps": fraction_text(info.fps),
            "time_base": fraction_text(table.time_base),
            "complete": row.record.complete,
            "frames": table.to_wire(),
        }

    def picture_names(self, video_id: str) -> tuple[str, ...]:
        """Return the file name of each frame's picture; empty for a video file, or without it."""
        row = self._table.row(video_id)
        path = catalog.source_path(self._workspace, row.record)
        names = picture_names(path) if row.usable else ()
        return names if len(names) == row.extracted else ()
