"""The plan of an import: the content of a file in this program's terms, before it is stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sam2_session.core.types import MAX_NAME_CHARS, BoolMask, Box, Point

DEFAULT_NEGATIVE = frozenset({"negative", "neg", "background", "bg", "-"})
MAX_EXAMPLES = 10  # named per note
MaskReader = Callable[[], BoolMask]


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """The video to import into; `times_s` are seconds after its first frame."""

    names: tuple[str, ...]  # its file name and its id
    size_hw: tuple[int, int]
    num_frames: int
    fps: float
    times_s: tuple[float, ...] = ()
    frame_names: tuple[str, ...] = ()  # of its pictures, if it is made of pictures


@dataclass(frozen=True, slots=True)
class ImportChoices:
    """Choices the user makes before the import."""

    task: str | None = None  # one of several in the file
    annotator: str | None = None  # one of several who annotated the task
    frame_offset: int | None = None  # added to frame numbers of the file; None: detected
    negative_labels: frozenset[str] = DEFAULT_NEGATIVE
    keypoint_labels: frozenset[str] = frozenset()  # points of these labels become keypoints
    regions: tuple[str, ...] = ("overall",)
    take_predictions: bool = False  # also unconfirmed results of a model

    @property
    def default_region(self) -> str:
        """Region for labels that name none."""
        return "overall" if "overall" in self.regions else self.regions[0]


@dataclass(frozen=True, slots=True)
class Subject:
    """One annotated thing of the file, to be mapped to an instance and a region.

    Subjects of one `group` belong to one instance. `instance_id`, `instance_name` and `region` are
    set where the file itself names them.
    """

    name: str
    label: str
    group: str
    instance_id: int | None = None
    instance_name: str | None = None
    region: str | None = None
    class_name: str | None = None  # of its instance, where the file says so


@dataclass(frozen=True, slots=True, eq=False)
class MaskContent:
    """A mask that is decoded only when needed; `read` raises `InvalidPrompt` if it is broken."""

    read: MaskReader


@dataclass(frozen=True, slots=True)
class NamedPoint:
    """A keypoint for the dataset; `derived`: carried from another frame, not placed by a person."""

    x: float
    y: float
    name: str
    visible: bool = True
    derived: bool = False


Content = Point | Box | MaskContent | NamedPoint


@dataclass(frozen=True, slots=True)
class Item:
    """One point, box, mask or keypoint of a subject on one frame."""

    subject: str
    frame_idx: int
    content: Content

    @property
    def kind(self) -> str:
        """``point``, ``box``, ``mask`` or ``keypoint``."""
        return KINDS[type(self.content)]


KINDS: dict[type, str] = {Point: "point", Box: "box", MaskContent: "mask", NamedPoint: "keypoint"}


class Outcome(StrEnum):
    """Notes on content that is not imported unchanged."""

    CLAMPED = "clamped"
    SKIPPED = "skipped"
    WARNING = "warning"
    NOTE = "note"


@dataclass(slots=True)
class Note:
    """One remark, how often it applied, and the first few places where it did."""

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
    """Collects remarks, merging equal ones; memory stays small for a million of them."""

    def __init__(self) -> None:
        self._by_reason: dict[tuple[Outcome, str], Note] = {}

    def add(self, outcome: Outcome, why: str, where: str = "") -> None:
        """Count a remark once more, with the place where it applied."""
        note = self._by_reason.setdefault((outcome, why), Note(outcome, why))
        note.count += 1
        if where and len(note.examples) < MAX_EXAMPLES:
            note.examples.append(safe_text(where))

    def all(self) -> tuple[Note, ...]:
        """All notes, in the order they first appeared."""
        return tuple(self._by_reason.values())


@dataclass(frozen=True, slots=True)
class Candidate:
    """A task or an annotator the user can choose."""

    value: str
    label: str

    def to_wire(self) -> dict[str, Any]:
        """``{value, label}``."""
        return {"value": self.value, "label": self.label}


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """Everything found in a file. If `needs` is set, the user must choose first: no items yet."""

    format: str
    subjects: tuple[Subject, ...] = ()
    items: tuple[Item, ...] = ()
    notes: tuple[Note, ...] = ()
    tasks: tuple[Candidate, ...] = ()
    annotators: tuple[Candidate, ...] = ()
    needs: str | None = None  # "task", "annotator" or "frame_offset"
    frame_offset: int | None = None  # the offset in use, if file names have numbers
    first_file: str | None = None  # "00001.png", so that the user can check the offset


def safe_text(value: object, most: int = MAX_NAME_CHARS) -> str:
    """Make a foreign text safe to show and store: printable and short; never fails."""
    text = str(value)[: 4 * most].strip()
    return "".join(char if char.isprintable() else "\ufffd" for char in text)[:most]
