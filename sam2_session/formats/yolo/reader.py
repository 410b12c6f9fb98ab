"""Reads YOLO's label files: outlines become masks, boxes become prompts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from sam2_session.core.errors import TooLarge
from sam2_session.formats.importing.file_tree import FileTree
from sam2_session.formats.importing.frame_numbers import number_in, offset_of
from sam2_session.formats.importing.label_names import split_label
from sam2_session.formats.importing.plan import ImportPlan, Outcome, Subject
from sam2_session.formats.importing.plan_builder import PlanBuilder
from sam2_session.formats.yolo.lines import Shares, class_names, draw, shares_of

NAME = "yolo"
LABELS = "labels"  # the folder of label files
NAMES = frozenset({"data.yaml", "data.yml", "dataset.yaml"})
MAX_TEXT_BYTES = 256 * 1024 * 1024
ORDER = (
    "Several objects of one class: they became instances in the order of their lines, which may "
    "change from frame to frame. Check them."
)
PairsOfLines = Mapping[int, Sequence[tuple[int, str]]]  # frame_idx to the pair of each line


def is_yolo(tree: FileTree) -> bool:
    """Whether the tree has label files."""
    return any(_is_label(path) for path in tree.paths)


def read_yolo(tree: FileTree, builder: PlanBuilder, pairs: PairsOfLines) -> ImportPlan:
    """Plan the import of every label file. Raises `TooLarge`."""
    paths = [path for path in tree.paths if _is_label(path)]
    if sum(map(tree.size, paths)) > MAX_TEXT_BYTES:
        raise TooLarge(f"The label files are over {MAX_TEXT_BYTES} bytes.", hint="Send a part.")
    numbers = {path: at for path in paths if (at := number_in(_name(path))) is not None}
    offset = builder.choices.frame_offset
    if offset is None:
        found = offset_of(numbers.values(), builder.facts.num_frames)
        offset = found if builder.base is None else -builder.base
    named = next((path for path in tree.paths if _name(path) in NAMES), None)
    reader = _Reader(builder, class_names(tree.read(named)) if named else {}, pairs)
    for path in paths:
        if path not in numbers:
            builder.skip("Its name does not say its frame.", path)
        elif (frame_idx := builder.frame(numbers[path] + offset, path)) is not None:
            reader.read(tree.read(path).decode("utf-8", "replace"), frame_idx, path)
    first = min(numbers, key=lambda path: numbers[path], default=None)
    return replace(
        builder.build(NAME),
        frame_offset=offset if numbers else None,
        first_file=_name(first) if first else None,
    )


class _Reader:
    """Reads label lines; for our own exports it knows the pair of each line."""

    def __init__(
        self, builder: PlanBuilder, classes: Mapping[int, str], pairs: PairsOfLines
    ) -> None:
        self._builder = builder
        self._classes = classes
        self._pairs = pairs

    def read(self, text: str, frame_idx: int, path: str) -> None:
        """Add all lines of a frame."""
        lines = [line.split() for line in text.splitlines() if line.strip()]
        pairs = self._pairs.get(frame_idx, ())
        before: Counter[str] = Counter()
        for at, words in enumerate(lines):
            where = f"{path}, line {at + 1}"
            shares = shares_of(words[1:])
            if shares is None or not words[0].isdecimal() or len(words[0]) > 9:
                self._builder.skip("The line is no class with an outline or a box.", where)
                continue
            label = self._classes.get(int(words[0]), f"class {int(words[0])}")
            if len(pairs) == len(lines):
                subject = self._subject_of(pairs[at])
            else:
                before[label] += 1
                subject = self._subject(label, before[label], f"frame {frame_idx}")
            self._add(subject, frame_idx, shares, where)

    def _add(self, subject: Subject, frame_idx: int, shares: Shares, where: str) -> None:
        height, width = self._builder.facts.size_hw
        if len(shares) == 2:  # a box: centre and size
            (x, y), (across, down) = (shares * (width, height)).tolist()
            corners = (x - across / 2, y - down / 2, x + across / 2, y + down / 2)
            self._builder.add_box(subject, frame_idx, corners, where)
        else:
            self._builder.add_mask(subject, frame_idx, partial(draw, shares, (height, width)))

    def _subject_of(self, pair: tuple[int, str]) -> Subject:
        instance_id, region = pair
        label = f"instance{instance_id}/{region}"
        return self._builder.subject(
            label, str(instance_id), instance_id=instance_id, region=region
        )

    def _subject(self, label: str, order: int, where: str) -> Subject:
        named, region = split_label(label, self._builder.choices.regions)
        if order == 2:
            self._builder.notes.add(Outcome.WARNING, ORDER, where)
        return self._builder.subject(
            label, f"{named or ''}{order}", instance_name=named, region=region
        )


def _is_label(path: str) -> bool:
    folders = path.split("/")[:-1]
    return path.lower().endswith(".txt") and LABELS in folders


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]
