"""Extracts a video's frames as numbered JPEGs: one thread decodes, others encode and write."""

from __future__ import annotations

import os
import shutil
from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Protocol

import av
import cv2
from av.container import InputContainer

from sam2_session.core.errors import StorageFailed, UnsupportedVideo
from sam2_session.runtime import Future, ThreadPool, usable_cores
from sam2_session.storage.atomic import storage_failed, write_bytes
from sam2_session.storage.decoding import FrameReader
from sam2_session.storage.frame_conversion import FrameConversion
from sam2_session.storage.frame_table import FrameTable
from sam2_session.storage.probe import CONVERT, MAX_FRAMES, open_video, too_many_frames

JPEG_QUALITY = 95
JPEG_START, JPEG_END = b"\xff\xd8", b"\xff\xd9"
ENCODERS = max(1, min(4, usable_cores()))
RESERVE_BYTES = 256 * 1024 * 1024  # left free, so that clicks can still be saved
CHECK_SPACE_EVERY = 64  # frames


class Reader(Protocol):
    """One pass over the frames of an open file, or over some of them."""

    def frames(self) -> Iterator[av.VideoFrame]: ...

    def table(self) -> FrameTable: ...

    @property
    def note(self) -> str | None: ...


class Extraction:
    """One pass over a file; frames that are complete on disk are not written again.

    `read` chooses the frames of the open file; all of them by default.
    """

    def __init__(
        self,
        source: Path,
        frame_path: Callable[[int], Path],
        read: Callable[[InputContainer, av.VideoStream], Reader] = FrameReader,
    ) -> None:
        self._source = source
        self._read = read
        self._frame_path = frame_path
        self._folder = frame_path(0).parent
        self._reader: Reader | None = None
        self._conversion = FrameConversion()  # of the first frame

    def run(self, limit: int | None = None) -> Iterator[int]:
        """Extract the first `limit` frames, or all; yield how many can be read without a gap."""
        ready = 0
        with (
            open_video(self._source) as (container, stream),
            ThreadPool(ENCODERS) as pool,
        ):
            self._reader = self._read(container, stream)
            pending: deque[Future[None]] = deque()
            for frame_idx, frame in enumerate(islice(self._reader.frames(), limit)):
                if frame_idx == 0:
                    self._conversion = FrameConversion.of(frame, stream)
                self._check(frame_idx)
                pending.append(pool.submit(self._save, frame_idx, frame))
                if len(pending) > 2 * ENCODERS:
                    pending.popleft().result()
                    ready += 1
                    yield ready
            while pending:
                pending.popleft().result()
                ready += 1
                yield ready
        if not ready:
            name = self._source.name
            raise UnsupportedVideo(f"Not one frame of {name} can be decoded.", hint=CONVERT)

    def table(self) -> FrameTable:
        """Table of the frames decoded so far; exact once `run` has ended."""
        if self._reader is None:  # the file is still being opened
            return FrameTable.empty()
        return self._reader.table()

    @property
    def note(self) -> str | None:
        """Describe to the user the file's damage and how frames differ from it; else None."""
        damage = self._reader.note if self._reader else None
        return join_notes(damage, self.frame_note)

    @property
    def frame_note(self) -> str | None:
        """Describe how each frame differs from the file; None if none does."""
        return join_notes(*self._conversion.notes)

    def _check(self, frame_idx: int) -> None:
        if frame_idx >= MAX_FRAMES:
            raise too_many_frames(self._source)
        if frame_idx % CHECK_SPACE_EVERY == 0:
            require_space(self._folder)

    def _save(self, frame_idx: int, frame: av.VideoFrame) -> None:
        path = self._frame_path(frame_idx)
        if is_whole_jpeg(path):
            return
        write_bytes(path, encode_jpeg(self._conversion.to_bgr(frame), JPEG_QUALITY), durable=False)


def join_notes(*notes: str | None) -> str | None:
    """Join remarks for the user; None without any."""
    return " ".join(filter(None, notes)) or None


def encode_jpeg(image_bgr_hwc: cv2.typing.MatLike, quality: int) -> bytes:
    """Encode an image as JPEG."""
    _, data = cv2.imencode(".jpg", image_bgr_hwc, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return data.tobytes()


def is_whole_jpeg(path: Path) -> bool:
    """Return whether a file starts and ends like a JPEG; a power cut may leave an empty one."""
    try:
        with path.open("rb") as file:
            start = file.read(2)
            file.seek(-2, os.SEEK_END)
            return start == JPEG_START and file.read(2) == JPEG_END
    except OSError:
        return False


def count_whole_frames(frame_path: Callable[[int], Path], limit: int) -> int:
    """Count the frames on disk, up to the first gap."""
    for frame_idx in range(limit):
        if not frame_path(frame_idx).is_file():
            break
    else:
        return limit
    while frame_idx and not is_whole_jpeg(frame_path(frame_idx - 1)):
        frame_idx -= 1
    return frame_idx


def require_space(folder: Path, min_free_bytes: int = 0) -> int:
    """Return how many bytes fit on the disk of `folder`, but for those to be left free.

    Raises StorageFailed if there are none.
    """
    try:
        free = shutil.disk_usage(folder).free - max(RESERVE_BYTES, min_free_bytes)
    except OSError as error:
        raise storage_failed(folder, error) from error
    if free <= 0:
        raise StorageFailed(
            "The disk is nearly full.",
            hint="Free some space, then open the video again; what was saved before is safe.",
        )
    return free
