"""Reads YOLO's label files: outlines become masks, boxes become prompts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sam2_session.core.errors import TooLarge
from sam2_session.formats.importing.clips import only_this_clip
from sam2_session.formats.importing.file_tree import FileTree
from sam2_session.formats.importing.frame_names import match_names
from sam2_session.formats.importing.label_names import split_label
from sam2_session.formats.importing.plan import ImportPlan, NamedPoint, Outcome, Subject
from sam2_session.formats.importing.plan_builder import PlanBuilder
from sam2_session.formats.yolo.lines import (
    CONFIDENCE,
    KeypointShape,
    Line,
    class_names,
    draw,
    keypoint_names,
    keypoint_shape,
    listed_names,
    parse_line,
)

NAME = "yolo"
LABEL_FOLDERS = frozenset({"labels", "obj_train_data", "obj_valid_data"})
YAML_FILES = frozenset({"data.yaml", "data.yml", "dataset.yaml"})
LISTS = frozenset({"classes.txt", "obj.names"})  # of class names, one a line
OTHER_TEXTS = frozenset({"train.txt", "val.txt", "valid.txt", "test.txt", "readme.txt"})
MAX_TEXT_BYTES = 256 * 1024 * 1024
ORDER = (
    "Several objects of one class: they became instances in the order of their lines, which may "
    "change from frame to frame. Check them."
)
PairsOfLines = Mapping[int, Sequence[tuple[int, str]]]  # frame_idx to the pair of each line


def is_yolo(tree: FileTree) -> bool:
    """Return whether the tree has label files."""
    return bool(_label_paths(tree))


def read_yolo(tree: FileTree, builder: PlanBuilder, pairs: PairsOfLines) -> ImportPlan:
    """Plan the import of every label file. Raises `TooLarge`."""
    paths = _label_paths(tree)
    if sum(map(tree.size, paths)) > MAX_TEXT_BYTES:
        raise TooLarge(f"The label files are over {MAX_TEXT_BYTES} bytes.", hint="Send a part.")
    kept = only_this_clip(paths, builder)
    names = match_names(kept, builder)
    reader = _Reader(builder, _Dataset.read_from(tree), pairs)
    for path in (path for path in paths if path in kept):
        if path not in names.frames and not names.own_names:
            builder.skip("Its name does not say its frame.", path)
        elif (frame_idx := names.frame_of(path, 0, path)) is not None:
            reader.read(tree.read(path).decode("utf-8", "replace"), frame_idx, path)
    return builder.build(NAME)


@dataclass(frozen=True, slots=True)
class _Dataset:
    """Names of classes and keypoints, and the shape of keypoints, as the archive states them."""

    classes: Mapping[int, str]
    keypoints: KeypointShape | None = None
    keypoint_names: Sequence[str] = ()

    @classmethod
    def read_from(cls, tree: FileTree) -> _Dataset:
        for path in tree.paths:
            if _name(path) in YAML_FILES:
                data = tree.read(path)
                return cls(class_names(data), keypoint_shape(data), keypoint_names(data))
        lists = (path for path in tree.paths if _name(path) in LISTS)
        found = next(lists, None)
        return cls(listed_names(tree.read(found)) if found else {})


class _Reader:
    """Reads label lines; for our own exports it knows the pair of each line."""

    def __init__(self, builder: PlanBuilder, dataset: _Dataset, pairs: PairsOfLines) -> None:
        self._builder = builder
        self._dataset = dataset
        self._pairs = pairs

    def read(self, text: str, frame_idx: int, path: str) -> None:
        """Add all lines of a frame."""
        lines = [line.split() for line in text.splitlines() if line.strip()]
        pairs = self._pairs.get(frame_idx, ())
        parsed = [parse_line(words[1:], self._dataset.keypoints) for words in lines]
        found = zip(lines, parsed, strict=True)
        tracks = Counter((words[0], line.track) for words, line in found if line is not None)
        before: Counter[str] = Counter()
        for at, (words, line) in enumerate(zip(lines, parsed, strict=True)):
            where = f"{path}, line {at + 1}"
            if line is None or not words[0].isdecimal() or len(words[0]) > 9:
                self._builder.skip("The line is no class with an outline or a box.", where)
                continue
            label = self._dataset.classes.get(int(words[0]), f"class {int(words[0])}")
            if len(pairs) == len(lines):
                subject = self._subject_of(pairs[at])
            elif line.track is not None and tracks[words[0], line.track] == 1:
                subject = self._subject_of_track(label, line.track)
            else:  # a number that several lines of a frame have is a confidence of 1
                if line.track is not None:
                    self._builder.notes.add(Outcome.NOTE, CONFIDENCE, where)
                before[label] += 1
                subject = self._subject(label, before[label], f"frame {frame_idx}")
            self._add(subject, frame_idx, line, where, is_piece=len(pairs) == len(lines))

    def _add(
        self, subject: Subject, frame_idx: int, line: Line, where: str, *, is_piece: bool
    ) -> None:
        height, width = self._builder.facts.size_hw
        shares = line.shares
        if line.dropped:
            self._builder.notes.add(Outcome.NOTE, line.dropped, where)
        for at, (x, y, visibility) in enumerate(line.keypoints):
            if visibility > 0:  # 0: not labelled
                point = NamedPoint(x * width, y * height, self._keypoint_name(at), visibility >= 2)
                self._builder.add_keypoint(subject, frame_idx, point, where)
        if len(shares) == 2:  # a box: centre and size
            (x, y), (across, down) = (shares * (width, height)).tolist()
            corners = (x - across / 2, y - down / 2, x + across / 2, y + down / 2)
            self._builder.add_box(subject, frame_idx, corners, where)
        else:
            outline = partial(draw, shares, (height, width))
            self._builder.add_mask(subject, frame_idx, outline, is_piece=is_piece)

    def _subject_of(self, pair: tuple[int, str]) -> Subject:
        instance_id, region = pair
        label = f"instance{instance_id}/{region}"
        return self._builder.subject(
            label, str(instance_id), instance_id=instance_id, region=region
        )

    def _keypoint_name(self, at: int) -> str:
        names = self._dataset.keypoint_names
        return names[at] if at < len(names) else f"point {at + 1}"

    def _subject_of_track(self, label: str, track: str) -> Subject:
        named, region = split_label(label, self._builder.choices.regions)
        return self._builder.subject(label, track, instance_name=named, region=region)

    def _subject(self, label: str, order: int, where: str) -> Subject:
        named, region = split_label(label, self._builder.choices.regions)
        if order == 2:
            self._builder.notes.add(Outcome.WARNING, ORDER, where)
        return self._builder.subject(
            label, f"{named or ''}{order}", instance_name=named, region=region
        )


def _label_paths(tree: FileTree) -> list[str]:
    """List the label files: those in known folders, else all texts beside a list of classes."""
    texts = [path for path in tree.paths if path.lower().endswith(".txt")]
    in_folders = [path for path in texts if LABEL_FOLDERS & set(path.split("/")[:-1])]
    if in_folders or not any(_name(path) in LISTS | YAML_FILES for path in tree.paths):
        return in_folders
    return [path for path in texts if _name(path).lower() not in LISTS | OTHER_TEXTS]


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]
