"""Sends masks, and exports of batches, while they are read: as the client takes them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sam2_session.core.errors import NotFound, ServerBusy
from sam2_session.formats.arrays.npz_of_masks import npz_of_stacks
from sam2_session.formats.coco.json_of_masks import json_of_rle
from sam2_session.formats.exporting.reading import Pieces
from sam2_session.formats.exporting.source import ExportSource
from sam2_session.formats.png_masks.zip_of_masks import zip_of_pngs
from sam2_session.runtime import Lock, monotonic
from sam2_session.services.exports.selection import parse_selection
from sam2_session.services.exports.source import ProjectSource, Readers, source_video
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects

MAX_STREAMS = 32
IDLE_S = 300.0  # then a stream that nobody reads is dropped
PIECE_BYTES = 256 * 1024

WRITERS: dict[str, Callable[[ExportSource], Pieces]] = {
    "zip": zip_of_pngs,
    "npz": npz_of_stacks,
    "rle": json_of_rle,
}


@dataclass(slots=True)
class _Stream:
    pieces: Pieces
    lock: Any = field(default_factory=Lock)
    used_at: float = field(default_factory=monotonic)


class MaskStreams:
    """Opens streams, reads them one piece at a time, and closes them."""

    def __init__(self, projects: Projects, readers: Readers) -> None:
        self._projects = projects
        self._readers = readers
        self._streams: dict[str, _Stream] = {}
        self._lock = Lock()

    def open(self, video_id: str, kind: str, chosen: Mapping[str, Any]) -> str:
        """Begin a stream of the selected masks, of a kind in `WRITERS`; return its id.

        Raises `VideoNotReady`, `InvalidRequest` for an empty range, `ServerBusy` if too many run.
        """
        project = self._projects.get(video_id)
        self._projects.finish_masks(video_id)
        video = source_video(self._projects.workspace, self._projects.videos, video_id)
        selection = parse_selection(self._projects, project, chosen, video.num_frames)
        source = ProjectSource(project, video, selection, None, self._readers)
        return self.begin(_pieces(project, WRITERS[kind], source))

    def begin(self, pieces: Pieces) -> str:
        """Begin a stream of these pieces; return its id. Raises `Conflict` if too many run."""
        self._drop_idle()
        stream_id = secrets.token_urlsafe(16)
        with self._lock:
            if len(self._streams) >= MAX_STREAMS:
                raise ServerBusy(f"{MAX_STREAMS} downloads run already.", hint="Try again later.")
            self._streams[stream_id] = _Stream(pieces)
        return stream_id

    def read(self, stream_id: str) -> bytes:
        """Read on; nothing at the end. Raises `NotFound` for a stream that was closed."""
        stream = self._streams.get(stream_id)
        if stream is None:
            raise NotFound("This download has ended.", hint="Begin it anew.")
        with stream.lock:
            stream.used_at = monotonic()
            data = bytearray()
            for piece in stream.pieces:
                data += piece
                if len(data) >= PIECE_BYTES:
                    break
            return bytes(data)

    def close(self, stream_id: str) -> None:
        """Drop a stream, read to its end or not."""
        with self._lock:
            stream = self._streams.pop(stream_id, None)
        if stream is not None:
            with stream.lock:
                stream.pieces.close()

    def _drop_idle(self) -> None:
        now = monotonic()
        for stream_id, stream in list(self._streams.items()):
            if now - stream.used_at > IDLE_S:
                self.close(stream_id)


def _pieces(
    project: Project, write: Callable[[ExportSource], Pieces], source: ExportSource
) -> Pieces:
    with project.kept_open():
        yield from write(source)
