"""Basic types of the program, frozen and checked when they are made.

Array names carry their axes: ``n`` objects, ``h`` height, ``w`` width, ``c`` channels. Points are
``(x, y)`` in source-video pixels, origin top left; sizes are ``size_hw``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from sam2_session.core.errors import InvalidPrompt, InvalidRequest

BoolMask = npt.NDArray[np.bool_]  # mask_hw, source resolution
RGBImage = npt.NDArray[np.uint8]  # frame_rgb_hwc

MAX_POINTS_PER_FRAME = 1000
MAX_NAME_CHARS = 200
REGION_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True, order=True)
class SessionKey:
    """Key of one annotation and of one inference session: video, instance and region."""

    video_id: str
    instance_id: int
    region: str

    def to_wire(self) -> dict[str, Any]:
        """Convert to the ``key`` object of the wire."""
        return {
            "video_id": self.video_id,
            "instance_id": self.instance_id,
            "region": self.region,
        }

    def __str__(self) -> str:
        return f"{self.video_id}/instance{self.instance_id}/{self.region}"


@dataclass(frozen=True, slots=True)
class Point:
    """A point prompt: (x, y) in source pixels; label 1 is positive, 0 negative."""

    x: float
    y: float
    label: int

    def __post_init__(self) -> None:
        require_finite("x", self.x)
        require_finite("y", self.y)
        if type(self.label) is not int or self.label not in (0, 1):
            raise InvalidPrompt(f"label must be 1 or 0, not {self.label!r}.")
        _as_floats(self, "x", "y")

    def to_wire(self) -> dict[str, Any]:
        """``{x, y, label}``."""
        return {"x": self.x, "y": self.y, "label": self.label}


@dataclass(frozen=True, slots=True)
class Box:
    """A box prompt: two corners in source pixels, x0 < x1 and y0 < y1."""

    x0: float
    y0: float
    x1: float
    y1: float

    def __post_init__(self) -> None:
        for name in ("x0", "y0", "x1", "y1"):
            require_finite(name, getattr(self, name))
        if not (self.x0 < self.x1 and self.y0 < self.y1):
            raise InvalidPrompt(
                "A box needs x0 < x1 and y0 < y1.", hint="Send its top left corner first."
            )
        _as_floats(self, "x0", "y0", "x1", "y1")

    def to_wire(self) -> list[float]:
        """``[x0, y0, x1, y1]``."""
        return [self.x0, self.y0, self.x1, self.y1]


@dataclass(frozen=True, slots=True)
class FramePrompt:
    """The prompts of one frame: points in click order, and at most one box."""

    points: tuple[Point, ...] = ()
    box: Box | None = None

    def __post_init__(self) -> None:
        if len(self.points) > MAX_POINTS_PER_FRAME:
            raise InvalidPrompt(f"A frame takes at most {MAX_POINTS_PER_FRAME} points.")

    def __bool__(self) -> bool:
        return bool(self.points) or self.box is not None

    def to_wire(self) -> dict[str, Any]:
        """``{points, box}``."""
        return {
            "points": [point.to_wire() for point in self.points],
            "box": self.box.to_wire() if self.box else None,
        }

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> FramePrompt:
        """Read what `to_wire` wrote."""
        box = data.get("box")
        return cls(
            tuple(Point(p["x"], p["y"], p["label"]) for p in data["points"]),
            Box(*box) if box else None,
        )


@dataclass(frozen=True, slots=True)
class Instance:
    """One physical thing to track; ids count from 1 and are never reused."""

    instance_id: int
    name: str
    colour: str
    hidden: bool = False
    locked: bool = False
    class_name: str | None = None  # the kind of thing it is, such as "needle driver"

    def to_wire(self) -> dict[str, Any]:
        """Convert to the wire's form."""
        return {
            "instance_id": self.instance_id,
            "name": self.name,
            "colour": self.colour,
            "hidden": self.hidden,
            "locked": self.locked,
            "class_name": self.class_name,
        }


@dataclass(frozen=True, slots=True)
class Keypoint:
    """A named point for the dataset; the model never sees it. `keypoint_id` 0: not numbered yet.

    `derived`: carried here from another frame by optical flow, not placed by a person.
    """

    keypoint_id: int
    frame_idx: int
    x: float
    y: float
    name: str
    visible: bool = True
    derived: bool = False

    def __post_init__(self) -> None:
        require_finite("x", self.x)
        require_finite("y", self.y)
        require_name("name", self.name)
        _as_floats(self, "x", "y")

    def to_wire(self) -> dict[str, Any]:
        """Convert to the wire's form."""
        return {
            "keypoint_id": self.keypoint_id,
            "frame_idx": self.frame_idx,
            "x": self.x,
            "y": self.y,
            "name": self.name,
            "visible": self.visible,
            **({"derived": True} if self.derived else {}),
        }


class MaskSource(StrEnum):
    """The origin of a mask."""

    HUMAN = "human"
    PROPAGATED = "propagated"
    IMPORTED = "imported"


class MaskFlag(StrEnum):
    """A reason to check a mask of a run."""

    LOST = "lost"  # the object is lost: one of several empty masks in a row
    SWALLOW = "swallow"  # it suddenly covers most of the frame
    SCENE_CUT = "scene_cut"  # the run crossed a scene cut right before this frame


class OnGuard(StrEnum):
    """The behaviour of a run that flags a mask."""

    GO_ON = "go_on"
    PAUSE = "pause"


class OnApproved(StrEnum):
    """The behaviour of a run at approved masks."""

    KEEP = "keep"
    REPLACE = "replace"


class RunMode(StrEnum):
    """The frames that a run tracks anew, and in which directions."""

    FULL = "full"
    STRETCH = "stretch"  # only what corrections can have changed since the run before
    FILL = "fill"  # between prompted frames, from both sides; of each frame the better mask stays


class MemoryMode(StrEnum):
    """The choice of frames that a run's steps attend to; see `inference.memory_modes`."""

    PLAIN = "plain"  # the frames that sam2 attends to
    VISIBLE = "visible"
    DISTRACTOR = "distractor"
    MOTION = "motion"


class JobState(StrEnum):
    """State of a job."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = (JobState.QUEUED, JobState.RUNNING)


class Direction(StrEnum):
    """Direction of a propagation."""

    FORWARD = "forward"
    BACKWARD = "backward"
    BOTH = "both"


def _as_floats(noun: object, *names: str) -> None:
    """Store coordinates as floats, so that 30 and 30.0 give one digest and the same JSON."""
    for name in names:
        object.__setattr__(noun, name, float(getattr(noun, name)))


def require_finite(name: str, value: object) -> None:
    """Refuse NaN, infinities and values that are not numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidPrompt(f"{name} must be a finite number, not {value!r}.")


def require_inside(x: float, y: float, size_hw: tuple[int, int]) -> None:
    """Refuse coordinates outside the frame; its right and lower edges count as inside."""
    height, width = size_hw
    if not (0 <= x <= width and 0 <= y <= height):
        raise InvalidPrompt(
            f"({x:g}, {y:g}) lies outside the frame of {width}x{height}.",
            hint="Coordinates are source pixels, origin top left.",
        )


def require_name(field: str, value: object) -> None:
    """Refuse an empty, overlong or unprintable name."""
    if not isinstance(value, str) or not value.strip():
        raise InvalidRequest(f"{field} must be a text that is not empty.")
    if len(value) > MAX_NAME_CHARS:
        raise InvalidRequest(f"{field} must be at most {MAX_NAME_CHARS} characters.")
    if not value.isprintable():
        raise InvalidRequest(f"{field} must not hold control characters.")
