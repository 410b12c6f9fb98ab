"""Builds an import plan: clamps, counts and notes the items of every reader the same way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from sam2_session.core.errors import TooLarge, UnsupportedImport
from sam2_session.core.types import MAX_POINTS_PER_FRAME, BoolMask, Box, Point
from sam2_session.formats.importing.plan import (
    Candidate,
    Content,
    ImportChoices,
    ImportPlan,
    Item,
    MaskContent,
    NamedPoint,
    Notes,
    Outcome,
    Subject,
    VideoFacts,
    safe_text,
)

MAX_ITEMS = 500_000
MAX_SUBJECTS = 10_000
SHAPE_SLACK = 0.02  # share by which the sides' ratio may differ: scaled sizes are rounded
MIN_BOX_AREA = 1.0  # square pixels
EDGE = 1e-3  # pixels: how far inside the frame a point on its border is moved


class PlanBuilder:
    """Collects the items for one video; content that cannot be used is noted, not raised."""

    def __init__(
        self,
        facts: VideoFacts,
        choices: ImportChoices,
        *,
        base: int | None = None,
        instance_names: Mapping[int, str] = MappingProxyType({}),
        classes: Mapping[int, str] = MappingProxyType({}),
    ) -> None:
        self.facts = facts
        self._classes = classes  # by instance_id, as a manifest says
        self.base = base  # number of the first frame in file names, if known
        self._instance_names = instance_names  # as a manifest states them
        self._groups: dict[int, str] = {}  # by the instance_id that a file states
        self.choices = choices
        self.notes = Notes()
        self._subjects: dict[tuple[str, str], Subject] = {}
        self._items: list[Item] = []
        self._points: Counter[tuple[str, int]] = Counter()
        self._boxes: set[tuple[str, int]] = set()
        self._masked: dict[tuple[str, int], str | None] = {}  # the file that holds each, if named
        self._two_files: UnsupportedImport | None = None
        self._needs: str | None = None
        self._tasks: tuple[Candidate, ...] = ()
        self._first_file: str | None = None
        self._frame_offset: int | None = None
        self._prompted: set[tuple[int | None, str | None, int]] = set()

    def subject(
        self,
        label: str,
        group: str,
        *,
        instance_id: int | None = None,
        instance_name: str | None = None,
        region: str | None = None,
        class_name: str | None = None,
    ) -> Subject:
        """Get or make the subject of a label in a group; a label's second group is ``label#2``.

        Subjects of one `instance_id` are of one group, whatever they are called.
        """
        label, group = safe_text(label) or "(no label)", safe_text(group)
        if instance_id is not None:
            group = self._groups.setdefault(instance_id, group)
            instance_name = instance_name or self._instance_names.get(instance_id)
        known = self._subjects.get((label, group))
        if known is not None:
            return known
        if len(self._subjects) >= MAX_SUBJECTS:
            raise TooLarge(
                f"The file speaks of more than {MAX_SUBJECTS} objects.", hint="Import a part."
            )
        same = sum(subject.label == label for subject in self._subjects.values())
        name = label if same == 0 else f"{label}#{same + 1}"
        named = safe_text(instance_name) or None if instance_name else None
        kind = safe_text(class_name or self._classes.get(instance_id or 0, "")) or None
        made = Subject(name, label, group, instance_id, named, region, kind)
        self._subjects[(label, group)] = made
        return made

    def names_instance(self, instance_id: int) -> bool:
        """Return whether our own manifest names this instance."""
        return instance_id in self._instance_names

    def tell_frames(self, offset: int | None, first_file: str | None) -> None:
        """Keep for the report how frames were found: what was added to numbers, and a file's name.

        `offset` is None if no number counted.
        """
        self._frame_offset, self._first_file = offset, first_file

    def tell_size(self, drawn_hw: tuple[int, int], where: str = "") -> None:
        """Note that shapes were drawn at another size, and warn if that has another shape."""
        (height, width), (tall, wide) = self.facts.size_hw, drawn_hw
        if (height, width) == drawn_hw:
            return
        why = f"Drawn on pictures of {wide}x{tall}, scaled to {width}x{height}."
        if abs(wide * height - width * tall) <= SHAPE_SLACK * wide * height:
            self.notes.add(Outcome.NOTE, why, where)
        else:
            self.notes.add(Outcome.WARNING, f"{why} They have another shape: check them.", where)

    def frame(self, frame_idx: int, where: str, *, clamp: bool = False) -> int | None:
        """Check that the video has the frame, else note it and return None.

        With `clamp`, note it and return the nearest frame instead.
        """
        last = self.facts.num_frames - 1
        if 0 <= frame_idx <= last:
            return frame_idx
        if clamp and last >= 0:
            self.notes.add(Outcome.CLAMPED, "The frame lies outside the video.", where)
            return min(max(frame_idx, 0), last)
        why = f"The frame lies outside the video, which has {self.facts.num_frames}."
        self.notes.add(Outcome.SKIPPED, why, where)
        return None

    def add_point(
        self, subject: Subject, frame_idx: int, xy: tuple[float, float], label: int, where: str
    ) -> None:
        """Add a point, moved inside the frame."""
        self._points[(subject.name, frame_idx)] += 1
        if self._points[(subject.name, frame_idx)] > MAX_POINTS_PER_FRAME:
            why = f"A frame takes at most {MAX_POINTS_PER_FRAME} points."
            self.notes.add(Outcome.SKIPPED, why, where)
            return
        x, y = self._inside(xy, where)
        self._add(subject, frame_idx, Point(x, y, label))

    def add_keypoint(self, subject: Subject, frame_idx: int, point: NamedPoint, where: str) -> None:
        """Add a keypoint, moved inside the frame."""
        x, y = self._inside((point.x, point.y), where)
        named = replace(point, x=x, y=y, name=safe_text(point.name) or "point")
        self._add(subject, frame_idx, named)

    def add_box(
        self, subject: Subject, frame_idx: int, corners: tuple[float, ...], where: str
    ) -> None:
        """Add a box, cut to the frame; skip one smaller than a pixel."""
        height, width = self.facts.size_hw
        x0, y0, x1, y1 = corners
        cut = (max(x0, 0.0), max(y0, 0.0), min(x1, width), min(y1, height))
        if cut[2] <= cut[0] or cut[3] <= cut[1] or _area(cut) < MIN_BOX_AREA:
            self.notes.add(Outcome.SKIPPED, "The box has no area inside the frame.", where)
            return
        if (subject.name, frame_idx) in self._boxes:
            self.notes.add(Outcome.SKIPPED, "There is a box of this on the frame already.", where)
            return
        self._boxes.add((subject.name, frame_idx))
        if any(abs(a - b) > EDGE for a, b in zip(cut, corners, strict=True)):
            self.notes.add(Outcome.CLAMPED, "The box reached beyond the frame.", where)
        self._add(subject, frame_idx, Box(*cut))

    def is_prompted(self, subject: Subject, frame_idx: int) -> bool:
        """Return whether the frame has points or a box of the same pair."""
        return (subject.instance_id, subject.region, frame_idx) in self._prompted

    def add_mask(
        self,
        subject: Subject,
        frame_idx: int,
        read: Callable[[], BoolMask],
        *,
        is_piece: bool = False,
        file: str | None = None,
    ) -> None:
        """Add a mask; several masks of one subject and frame are merged, and that is noted.

        With `is_piece` the file itself says that it is a part of a mask. A mask that is a `file` by
        itself is never merged with that of another: nobody can say which of the two is meant.
        """
        place = (subject.name, frame_idx)
        other = self._masked.get(place)
        if file is not None and other not in (None, file):
            self._two_files = self._two_files or _two_files(place, str(other), file)
        elif place in self._masked and not is_piece:
            where = f"frame {frame_idx}, {subject.name}"
            self.notes.add(Outcome.WARNING, "Several masks of one object were joined.", where)
        self._masked[place] = file
        self._add(subject, frame_idx, MaskContent(read))

    def offer(self, tasks: Sequence[Candidate]) -> None:
        """List the tasks or clips of the file, one of which is read."""
        self._tasks = tuple(tasks)

    def ask(
        self, need: str, *, tasks: Sequence[Candidate] = (), first_file: str | None = None
    ) -> None:
        """Note that the user must choose first; the plan will have no items."""
        self._needs, self._tasks, self._first_file = need, tuple(tasks), first_file

    def skip(self, why: str, where: str = "") -> None:
        """Note that something is not imported."""
        self.notes.add(Outcome.SKIPPED, why, where)

    def build(self, format_name: str) -> ImportPlan:
        """Finish the plan, without subjects that have no items.

        Raises `UnsupportedImport` if two files hold the mask of one subject on one frame.
        """
        if self._two_files is not None and not self._needs:
            raise self._two_files
        if self._needs:
            return ImportPlan(
                format_name,
                notes=self.notes.all(),
                tasks=self._tasks,
                needs=self._needs,
                first_file=self._first_file,
            )
        used = {item.subject for item in self._items}
        subjects = tuple(subject for subject in self._subjects.values() if subject.name in used)
        items = tuple(sorted(self._items, key=lambda item: item.frame_idx))
        return ImportPlan(
            format_name,
            subjects,
            items,
            self.notes.all(),
            self._tasks,
            frame_offset=self._frame_offset,
            first_file=self._first_file,
        )

    def _inside(self, xy: tuple[float, float], where: str) -> tuple[float, float]:
        height, width = self.facts.size_hw
        x, y = xy
        inside = (min(max(x, 0.0), width - EDGE), min(max(y, 0.0), height - EDGE))
        if abs(inside[0] - x) > EDGE or abs(inside[1] - y) > EDGE:
            self.notes.add(Outcome.CLAMPED, "The point lay outside the frame.", where)
        return inside

    def _add(self, subject: Subject, frame_idx: int, content: Content) -> None:
        if len(self._items) >= MAX_ITEMS:
            raise TooLarge(f"The file holds more than {MAX_ITEMS} marks.", hint="Import a part.")
        self._items.append(Item(subject.name, frame_idx, content))
        if isinstance(content, Point | Box):
            self._prompted.add((subject.instance_id, subject.region, frame_idx))


def _two_files(place: tuple[str, int], one: str, other: str) -> UnsupportedImport:
    name, frame_idx = place
    files = f"{safe_text(one, 60)} and {safe_text(other, 60)}"
    return UnsupportedImport(
        f"Two files hold a mask of {name} for frame {frame_idx}: {files}.",
        hint="Leave one of them out; masks of several objects belong into a folder for each.",
    )


def _area(corners: tuple[float, ...]) -> float:
    x0, y0, x1, y1 = corners
    return (x1 - x0) * (y1 - y0)
