"""Facts of one video, for the program and the wire."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from sam2_session.core.errors import SessionError
from sam2_session.storage.video_record import fraction_text


class VideoState(StrEnum):
    """Stages of a video."""

    NEW = "new"  # nobody has opened it: no frame is extracted
    EXTRACTING = "extracting"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """One video at one moment; size as shown, in pixels; zeros while nothing is known of the file.

    Frames below `extracted` can be read. `num_frames` is exact once `state` is ready.
    """

    video_id: str
    name: str
    width: int
    height: int
    num_frames: int
    extracted: int
    fps: Fraction
    state: VideoState
    error: SessionError | None = None
    note: str | None = None
    source: dict[str, Any] | None = None  # of a segment: ``{video_id, first_frame, last_frame}``
    version: str = ""  # changes when other frames come under this id
    demo: bool = False  # the clip that comes with the program
    bytes: int = 0  # size of its source
    sha256: str | None = None  # of its source, once the frames are extracted
    pixel_aspect: Fraction = Fraction(1)  # width of a pixel over its height

    @property
    def duration_s(self) -> float:
        return float(self.num_frames / self.fps) if self.fps else 0.0

    def to_wire(self) -> dict[str, Any]:
        """Return the `video` of the wire, without its annotation counts."""
        return {
            "video_id": self.video_id,
            "name": self.name,
            "num_frames": self.num_frames,
            "extracted": self.extracted,
            "width": self.width,
            "height": self.height,
            "fps": round(float(self.fps), 6),
            "fps_fraction": fraction_text(self.fps),
            "duration_s": round(self.duration_s, 6),
            "state": self.state.value,
            "error": self.error.to_wire() if self.error else None,
            "note": self.note,
            "source": self.source,
            "version": self.version,
            "demo": self.demo,
            "bytes": self.bytes,
            "sha256": self.sha256,
            "pixel_aspect": fraction_text(self.pixel_aspect),
        }
