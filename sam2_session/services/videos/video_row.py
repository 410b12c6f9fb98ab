"""The row of one video in the table of all, and what everybody else sees of it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from sam2_session.core.errors import SessionError, UnsupportedVideo
from sam2_session.folders import DEMO_CLIP
from sam2_session.services.decoding.sources import FrameMaker
from sam2_session.services.videos.info import VideoInfo, VideoState
from sam2_session.storage.catalog import SourceState
from sam2_session.storage.probe import SQUARE
from sam2_session.storage.video_record import VideoRecord

UNSEEN = (-1, -1)
GROWING_NOTE = "The file is still being written. It is read once it is whole."
CHANGED_NOTE = "The file has changed. It is read anew, unless somebody has annotated it."
GONE_NOTE = "The file is gone from videos/; its extracted frames are still here."


@dataclass(frozen=True, slots=True)
class VideoRow:
    """One video: its record, its file and its extraction; `describe` derives the state."""

    record: VideoRecord
    source: SourceState = SourceState.SAME
    seen: tuple[int, int] | None = UNSEEN  # size and time of the file `source` was found for
    extracted: int = 0
    wanted: bool = False  # somebody asked for its frames
    problem: SessionError | None = None  # it stopped the extraction
    damage: SessionError | None = None  # its annotations cannot be opened
    extraction: FrameMaker | None = None  # while it runs
    growing: bool = False  # its file is still being written; it is read later

    @property
    def usable(self) -> bool:
        """Return whether frames can be extracted from the file under videos/."""
        return self.source in (SourceState.SAME, SourceState.TOUCHED)


def describe(row: VideoRow) -> VideoInfo:
    """Return what the program and the wire see of a row."""
    record, probe = row.record, row.record.probe
    state, error, note = _state(row)
    return VideoInfo(
        video_id=record.video_id,
        name=record.name,
        width=probe.width if probe else 0,
        height=probe.height if probe else 0,
        num_frames=max(probe.num_frames if probe else 0, row.extracted),
        extracted=row.extracted,
        fps=probe.fps if probe else Fraction(0),
        state=state,
        error=error,
        note=note,
        source=record.segment.to_wire() if record.segment else None,
        version=record.version,
        demo=record.segment is None and record.source.bytes == _demo_bytes(),
        bytes=record.source.bytes,
        sha256=record.source.sha256,
        pixel_aspect=probe.pixel_aspect if probe else SQUARE,
    )


@cache
def _demo_bytes() -> int | None:
    """The size of the demo clip, by which copies of it are known under any name."""
    return DEMO_CLIP.stat().st_size if DEMO_CLIP.is_file() else None


def _state(row: VideoRow) -> tuple[VideoState, SessionError | None, str | None]:
    record = row.record
    if row.damage:
        return VideoState.FAILED, row.damage, None
    if row.source is SourceState.REPLACED:
        return VideoState.FAILED, _replaced(record), None
    if row.source is SourceState.CHANGED:
        state = VideoState.EXTRACTING if row.wanted or record.complete else VideoState.NEW
        return state, None, GROWING_NOTE if row.growing else CHANGED_NOTE
    if record.complete:
        gone = GONE_NOTE if row.source is SourceState.MISSING else None
        return VideoState.READY, None, gone or record.note
    if row.source is SourceState.MISSING:
        return VideoState.FAILED, _missing(record), None
    if row.problem:
        return VideoState.FAILED, row.problem, None
    note = GROWING_NOTE if row.growing else None
    return (VideoState.EXTRACTING if row.wanted else VideoState.NEW), None, note


def _replaced(record: VideoRecord) -> SessionError:
    return UnsupportedVideo(
        f"{record.source.name} is not the file it was when it was annotated.",
        hint="Put the old file back, or give the new one another name; nothing is overwritten.",
    )


def _missing(record: VideoRecord) -> SessionError:
    return UnsupportedVideo(
        f"{record.source.name} is gone from videos/, and not all of its frames were extracted.",
        hint="Put the file back; its annotations are kept.",
    )
