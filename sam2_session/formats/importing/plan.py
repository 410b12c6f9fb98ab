"""What an imported file holds, in this program's words; nothing is written yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sam2_session.core.types import MAX_NAME_CHARS, BoolMask, Box, Point

DEFAULT_NEGATIVE = frozenset({"negative", "neg", "background", "bg", "-"})
MAX_EXAMPLES = 10  # of one kind of note
MaskReader = Callable[[], BoolMask]


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """The video that is imported into; `times_s` counts from its first frame."""

    names: tuple[str, ...]  # of its file, and its id
    size_hw: tuple[int, int]
    num_frames: int
    fps: float
    times_s: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportChoices:
    """What the user decides before anything is read into the video."""

    task: str | None = None  # of several in the file
    annotator: str | None = None  # of several who annotated a task
    frame_offset: int | None = None  # added to the number in the file; None: found out
    negative_labels: frozenset[str] = DEFAULT_NEGATIVE
    keypoint_labels: frozenset[str] = frozenset()  # points for the dataset, not for the model
    regions: tuple[str, ...] = ("overall",)

    @property
    def default_region(self) -> str:
        """Where a label goes that names no region."""
        return "overall" if "overall" in self.regions else self.regions[0]


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing the file speaks of, by a name of its own; mapped to an instance and a region.

    Subjects of one `group` belong to one instance; `instance_id`, `instance_name` and `region` are
    what the file itself says, where it does.
    """

    name: str
    label: str
    group: str
    instance_id: int | None = None
    instance_name: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class MaskContent:
    """A mask that is decoded when it is needed; raises `InvalidPrompt` if it is broken."""

    read: MaskReader


@dataclass(frozen=True, slots=True)
class NamedPoint:
    """A keypoint for the dataset."""

    x: float
    y: float
    name: str
    visible: bool = True


Content = Point | Box | MaskContent | NamedPoint


@dataclass(frozen=True, slots=True)
class Item:
    """One thing on one frame."""

    subject: str
    frame_idx: int
    content: Content

    @property
    def kind(self) -> str:
        """``point``, ``box``, ``mask`` or ``keypoint``."""
        return KINDS[type(self.content)]


KINDS: dict[type, str] = {Point: "point", Box: "box", MaskContent: "mask", NamedPoint: "keypoint"}


class Outcome(StrEnum):
    """What became of something that is not taken as it is."""

    CLAMPED = "clamped"
    SKIPPED = "skipped"
    WARNING = "warning"
    NOTE = "note"


@dataclass(slots=True)
class Note:
    """The same remark about so many places; the first few are named."""

    outcome: Outcome
    why: str
    count: int = 0
    examples: list[str] = field(default_factory=list)

    def to_wire(self) -> dict[str, Any]:
        """``{outcome, why, count, examples}``."""
        return {
            "outcome": self.outcome.value,
            "why": self.why,
            "count": self.count,
            "examples": list(self.examples),
        }


class Notes:
    """Collects remarks: a thousand of one kind take no more room than ten."""

    def __init__(self) -> None:
        self._by_reason: dict[tuple[Outcome, str], Note] = {}

    def add(self, outcome: Outcome, why: str, where: str = "") -> None:
        """One place more."""
        note = self._by_reason.setdefault((outcome, why), Note(outcome, why))
        note.count += 1
        if where and len(note.examples) < MAX_EXAMPLES:
            note.examples.append(safe_text(where))

    def all(self) -> tuple[Note, ...]:
        """In the order they first came."""
        return tuple(self._by_reason.values())


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something to choose from: a task, or an annotator of one."""

    value: str
    label: str

    def to_wire(self) -> dict[str, Any]:
        """``{value, label}``."""
        return {"value": self.value, "label": self.label}


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """All that was found. With `needs` set the user has to choose first, and there are no items."""

    format: str
    subjects: tuple[Subject, ...] = ()
    items: tuple[Item, ...] = ()
    notes: tuple[Note, ...] = ()
    tasks: tuple[Candidate, ...] = ()
    annotators: tuple[Candidate, ...] = ()
    needs: str | None = None  # "task" or "annotator"
    frame_offset: int | None = None  # the one in use, where numbers were found in names
    first_file: str | None = None  # "00001.png", to check the offset by


def safe_text(value: object, most: int = MAX_NAME_CHARS) -> str:
    """A text of somebody else's as it can be shown and stored; never fails."""
    text = str(value)[: 4 * most].strip()
    return "".join(char if char.isprintable() else "\ufffd" for char in text)[:most]
