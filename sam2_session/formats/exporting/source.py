"""What an exporter sees of a video: plain data, read piece by piece, wherever it lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from sam2_session.core.masks import MaskFacts
from sam2_session.core.types import (
    BoolMask,
    FramePrompt,
    Instance,
    Keypoint,
    MaskFlag,
    MaskSource,
    RGBImage,
)

OVERALL = "overall"  # the region that is the whole instance: it lies below its parts
Alpha = npt.NDArray[np.uint8]  # alpha_hw, 0 to 255


@dataclass(frozen=True, slots=True)
class SourceVideo:
    """The video and when each of its frames is shown; `pts` in units of `time_base` seconds."""

    video_id: str
    name: str
    size_hw: tuple[int, int]
    fps: Fraction
    time_base: Fraction
    pts: tuple[int, ...]
    source_numbers: tuple[int, ...]
    sha256: str | None = None

    @property
    def num_frames(self) -> int:
        return len(self.pts)

    def time_s(self, frame_idx: int) -> float:
        """Seconds from the first frame."""
        return float((self.pts[frame_idx] - self.pts[0]) * self.time_base)


@dataclass(frozen=True, slots=True)
class Pair:
    """One region of one instance, with the colour the page gives it."""

    instance: Instance
    region: str
    region_at: int  # the region's place in configs/regions.yaml
    colour: str

    @property
    def instance_id(self) -> int:
        return self.instance.instance_id

    @property
    def label(self) -> str:
        """``tool 1 · shaft``; the whole instance is called as it is."""
        name = self.instance.name
        return name if self.region == OVERALL else f"{name} · {self.region}"

    @property
    def stem(self) -> str:
        """A name for files: ``1_shaft``."""
        return f"{self.instance_id}_{self.region}"

    def to_json(self) -> dict[str, Any]:
        """For the manifest."""
        return {
            "instance_id": self.instance_id,
            "name": self.instance.name,
            "region": self.region,
            "colour": self.colour,
            "hidden": self.instance.hidden,
        }


@dataclass(frozen=True, slots=True)
class MaskNote:
    """Where a mask comes from; `stale`: it no longer follows from today's prompts."""

    frame_idx: int
    rev: int
    source: MaskSource
    facts: MaskFacts
    run: int | None = None
    score: float | None = None
    flags: tuple[MaskFlag, ...] = ()
    approved: bool = False
    stale: bool = False

    def to_json(self) -> dict[str, Any]:
        """For the manifest."""
        return {
            "frame_idx": self.frame_idx,
            "rev": self.rev,
            "source": self.source.value,
            "run": self.run,
            "score": self.score,
            "flags": [flag.value for flag in self.flags],
            "approved": self.approved,
            "stale": self.stale,
            **self.facts.to_wire(),
        }


@dataclass(frozen=True, slots=True, eq=False)
class MaskRead:
    """A mask, the file it lies in, and its note, of one moment."""

    note: MaskNote
    mask_hw: BoolMask
    png: bytes


class ExportSource(Protocol):
    """A selection of one video's annotations. Nothing is held: each call reads anew."""

    @property
    def video(self) -> SourceVideo: ...

    @property
    def pairs(self) -> Sequence[Pair]:
        """In the order of instances, then of regions."""
        ...

    @property
    def frames(self) -> range: ...

    @property
    def model(self) -> dict[str, Any] | None: ...

    def masked_frames(self, pair: Pair) -> Sequence[int]:
        """The selected frames of a pair that had a mask when the export began, in order."""
        ...

    def read_mask(self, pair: Pair, frame_idx: int) -> MaskRead | None:
        """The mask as it is now; None if it is gone, broken or no longer within the selection."""
        ...

    def soft_edge(self, pair: Pair, read: MaskRead) -> Alpha | None:
        """How much of each pixel the model gave to the object; None where it was not asked."""
        ...

    def read_frame(self, frame_idx: int) -> RGBImage: ...

    def read_frame_file(self, frame_idx: int) -> bytes:
        """The frame's JPEG as it lies on disk."""
        ...

    def prompts(self, pair: Pair) -> Sequence[tuple[int, FramePrompt]]: ...

    def keypoints(self, instance_id: int) -> Sequence[Keypoint]:
        """Those of the selected frames."""
        ...


@dataclass(slots=True)
class Remarks:
    """What the manifest says beside the figures: a count for each remark."""

    counts: dict[str, int] = field(default_factory=dict)

    def add(self, text: str, count: int = 1) -> None:
        """One place more of which this is true."""
        self.counts[text] = self.counts.get(text, 0) + count
