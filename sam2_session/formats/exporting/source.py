"""The view of a video that exporters work on: plain data, read piece by piece from anywhere."""

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

OVERALL = "overall"  # the region for the whole instance: painted below its parts
Alpha = npt.NDArray[np.uint8]  # alpha_hw, 0 to 255


@dataclass(frozen=True, slots=True)
class SourceVideo:
    """The exported video, with the time of each frame; `pts` in units of `time_base` seconds."""

    video_id: str
    name: str
    size_hw: tuple[int, int]
    fps: Fraction
    time_base: Fraction
    pts: tuple[int, ...]
    source_numbers: tuple[int, ...]
    sha256: str | None = None
    pixel_aspect: Fraction = Fraction(1)  # width of a pixel over its height

    @property
    def num_frames(self) -> int:
        return len(self.pts)

    def time_s(self, frame_idx: int) -> float:
        """Time of a frame in seconds after the first frame."""
        return float((self.pts[frame_idx] - self.pts[0]) * self.time_base)


@dataclass(frozen=True, slots=True)
class Pair:
    """One region of one instance, with the colour the page gives it."""

    instance: Instance
    region: str
    region_at: int  # index of the region in configs/regions.yaml
    colour: str

    @property
    def instance_id(self) -> int:
        return self.instance.instance_id

    @property
    def label(self) -> str:
        """Name for people: ``tool 1 · shaft``, or ``tool 1`` for the whole instance."""
        name = self.instance.name
        return name if self.region == OVERALL else f"{name} · {self.region}"

    @property
    def stem(self) -> str:
        """Name for files: ``1_shaft``."""
        return f"{self.instance_id}_{self.region}"

    def class_fields(self) -> dict[str, Any]:
        """Name the class of the instance, if it has one."""
        class_name = self.instance.class_name
        return {"class_name": class_name} if class_name else {}

    def to_json(self) -> dict[str, Any]:
        """Describe the pair in the manifest."""
        return {
            "instance_id": self.instance_id,
            "name": self.instance.name,
            **self.class_fields(),
            "region": self.region,
            "colour": self.colour,
            "hidden": self.instance.hidden,
        }


@dataclass(frozen=True, slots=True)
class MaskNote:
    """Origin of a mask; `stale`: its prompts have changed since.

    `absent`: it is empty, since a person said that the object is not there. `cleaned`: holes,
    specks and edge were put right.
    """

    frame_idx: int
    rev: int
    source: MaskSource
    facts: MaskFacts
    run: int | None = None
    score: float | None = None
    flags: tuple[MaskFlag, ...] = ()
    approved: bool = False
    stale: bool = False
    absent: bool = False
    cleaned: bool = False

    def to_json(self) -> dict[str, Any]:
        """Describe the mask in the manifest."""
        return {
            "frame_idx": self.frame_idx,
            "rev": self.rev,
            "source": self.source.value,
            "run": self.run,
            "score": self.score,
            "flags": [flag.value for flag in self.flags],
            "approved": self.approved,
            "stale": self.stale,
            **{name: True for name in ("absent", "cleaned") if getattr(self, name)},
            **self.facts.to_wire(),
        }


@dataclass(frozen=True, slots=True, eq=False)
class MaskRead:
    """A mask, its PNG file and its note, all read at the same moment."""

    note: MaskNote
    mask_hw: BoolMask
    png: bytes


class ExportSource(Protocol):
    """The selected annotations of one video; nothing is kept, every call reads again."""

    @property
    def video(self) -> SourceVideo: ...

    @property
    def pairs(self) -> Sequence[Pair]:
        """The selected pairs, ordered by instance, then by region."""
        ...

    @property
    def frames(self) -> range: ...

    @property
    def model(self) -> dict[str, Any] | None: ...

    def masked_frames(self, pair: Pair) -> Sequence[int]:
        """Frames of a pair, in order, that were selected and had a mask when the export began."""
        ...

    def read_mask(self, pair: Pair, frame_idx: int) -> MaskRead | None:
        """Read the mask as it is now; None if gone, broken or no longer selected."""
        ...

    def soft_edge(self, pair: Pair, read: MaskRead) -> Alpha | None:
        """Compute the model's confidence per pixel; None for a mask without stored logits."""
        ...

    def read_frame(self, frame_idx: int) -> RGBImage: ...

    def read_frame_file(self, frame_idx: int) -> bytes:
        """Read the frame's JPEG file, unchanged."""
        ...

    def prompts(self, pair: Pair) -> Sequence[tuple[int, FramePrompt]]: ...

    def keypoints(self, instance_id: int) -> Sequence[Keypoint]:
        """Keypoints of an instance on the selected frames."""
        ...


@dataclass(slots=True)
class Remarks:
    """Remarks for the manifest, with how often each one applied."""

    counts: dict[str, int] = field(default_factory=dict)

    def add(self, text: str, count: int = 1) -> None:
        """Count a remark once more."""
        self.counts[text] = self.counts.get(text, 0) + count
