"""Reads the layouts of surgical challenges: parts become regions, types instances."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import numpy as np

from sam2_session.core.errors import SessionError
from sam2_session.core.types import BoolMask
from sam2_session.formats.images.label_pictures import LabelPicture, Labels, opaque, read_picture
from sam2_session.formats.importing.file_tree import FileTree
from sam2_session.formats.importing.frame_names import match_names
from sam2_session.formats.importing.plan import ImportPlan, Outcome, Subject
from sam2_session.formats.importing.plan_builder import PlanBuilder
from sam2_session.formats.surgical.values import (
    ENDOVIS_2017,
    ENDOVIS_2018,
    PARTS,
    SAR_RARP50,
    TYPE_STEP,
    TYPES,
    VALUES,
)

NAME = "surgical"
PARTS_FOLDERS = frozenset({"partssegmentation", "parts_masks"})
TYPE_FOLDERS = frozenset({"typesegmentation", "type_masks", "instruments_masks"})
SAMPLES = 6
Size = tuple[int, int]
PairsOfValues = Mapping[tuple[int, int], tuple[int, str]]  # value and type to instance and region
MAX_BYTES = 64 * 1024 * 1024
ONE_EACH = "This layout does not tell objects of one kind apart: all of a kind are one instance."


def is_surgical(tree: FileTree, size_hw: Size) -> bool:
    """Tell if a tree has one of the layouts, by its folders, or by its colours and numbers.

    Pictures of another size than the video's are not looked at.
    """
    return (
        bool(_in_folders(tree, PARTS_FOLDERS))
        or _has_values(tree, ENDOVIS_2018, "labels", size_hw)
        or _has_values(tree, SAR_RARP50, "segmentation", size_hw)
    )


def read_surgical(
    tree: FileTree, builder: PlanBuilder, pairs: PairsOfValues, regions: Mapping[int, str]
) -> ImportPlan:
    """Plan the import of every picture; `pairs` and `regions` are those of our manifest.

    `pairs` are by value and type, where these tell one from all others; `regions` are by value.
    """
    parts = _in_folders(tree, PARTS_FOLDERS)
    pictures = parts or _pictures(tree)
    types = {_name(path): path for path in _in_folders(tree, TYPE_FOLDERS)} if parts else {}
    builder.base = 0 if builder.base is None else builder.base
    frames = match_names(pictures, builder)
    layout = ENDOVIS_2017 if parts else _layout_of(tree, pictures, builder.facts.size_hw)
    names = {**{value: name for name, value in VALUES[layout].items()}, **regions}
    if len(pairs) < len(regions) or not regions:
        builder.notes.add(Outcome.WARNING, ONE_EACH)
    for order, path in enumerate(pictures):
        frame_idx = frames.frame_of(path, order, path)
        if frame_idx is None:
            continue
        try:
            _Picture(tree, builder, names, pairs, frame_idx).read(path, types.get(_name(path)))
        except SessionError as error:
            builder.skip(error.message, path)
    return builder.build(NAME)


@dataclass(frozen=True, slots=True)
class _Picture:
    """Adds the masks of one frame."""

    tree: FileTree
    builder: PlanBuilder
    names: Mapping[int, str]
    pairs: PairsOfValues
    frame_idx: int

    def read(self, path: str, type_path: str | None) -> None:
        size_hw = self.builder.facts.size_hw
        labels = _labels(self.tree, path, size_hw)
        kinds = _labels(self.tree, type_path, size_hw) if type_path else None
        for value in np.unique(labels).tolist():
            if value == 0:
                continue
            for kind in [0] if kinds is None else np.unique(kinds[labels == value]).tolist():
                subject = self._subject(value, kind)
                if subject is None:
                    self.builder.skip(f"{_shown(value)} is no value of this layout.", path)
                    continue
                read = partial(_mask, self.tree, (path, value), (type_path, kind), size_hw)
                self.builder.add_mask(subject, self.frame_idx, read)

    def _subject(self, value: int, kind: int) -> Subject | None:
        """Name a part of an instrument, or a thing of its own such as a needle."""
        pair = self.pairs.get((value, kind // TYPE_STEP))
        if pair is not None:
            label = f"instance{pair[0]}/{pair[1]}"
            return self.builder.subject(label, str(pair[0]), instance_id=pair[0], region=pair[1])
        name = self.names.get(value)
        if name is None:
            return None
        if name in PARTS or name in self.builder.choices.regions:
            class_name = _type_name(kind) if kind else None
            label = f"{class_name or 'tool'}/{name}"
            known = name if name in self.builder.choices.regions else None
            return self.builder.subject(
                label, f"type {kind}", instance_name=class_name, region=known, class_name=class_name
            )
        return self.builder.subject(name, name, instance_name=name, class_name=name)


def _type_name(kind: int) -> str:
    by_number = {number: name for name, number in TYPES.items()}
    return by_number.get(kind // TYPE_STEP, f"type {kind // TYPE_STEP}")


def _mask(
    tree: FileTree,
    part: tuple[str, int],
    kind: tuple[str | None, int],
    size_hw: Size,
) -> BoolMask:
    (path, value), (type_path, number) = part, kind
    mask: BoolMask = _labels(tree, path, size_hw) == value
    return mask if type_path is None else mask & (_labels(tree, type_path, size_hw) == number)


def _labels(tree: FileTree, path: str, size_hw: Size) -> Labels:
    return opaque(read_picture(tree.read(path, MAX_BYTES), size_hw))


def _in_folders(tree: FileTree, folders: frozenset[str]) -> list[str]:
    return [path for path in _pngs(tree) if folders & set(path.casefold().split("/")[:-1])]


def _pngs(tree: FileTree) -> Iterator[str]:
    return (path for path in tree.paths if path.lower().endswith(".png"))


def _pictures(tree: FileTree) -> list[str]:
    """List the label pictures of EndoVis 2018 or SAR-RARP50; frames lie in other folders."""
    named = _in_folders(tree, frozenset({"labels", "segmentation"}))
    return named or [path for path in _pngs(tree) if "rgb" not in path.casefold().split("/")]


def _layout_of(tree: FileTree, pictures: Sequence[str], size_hw: Size) -> str:
    """Return the layout of pictures that lie in one folder: in colours, or in numbers."""
    some = _some(tree, pictures, size_hw)
    return ENDOVIS_2018 if any(picture.is_colour for picture in some) else SAR_RARP50


def _some(tree: FileTree, pictures: Sequence[str], size_hw: Size) -> Iterator[LabelPicture]:
    for path in pictures[:: max(1, len(pictures) // SAMPLES)][:SAMPLES]:
        with suppress(SessionError):  # reported when the file is read for import
            yield read_picture(tree.read(path, MAX_BYTES), size_hw)


def _has_values(tree: FileTree, layout: str, folder: str, size_hw: Size) -> bool:
    """Tell if all values of some pictures are of a layout, two parts of a tool among them."""
    pictures = _in_folders(tree, frozenset({folder}))
    known = set(VALUES[layout].values())
    seen: set[int] = set()
    for picture in _some(tree, pictures, size_hw):
        seen |= set(np.unique(opaque(picture)).tolist()) - {0}
    parts = {VALUES[layout][part] for part in PARTS}
    return seen <= known and len(seen & parts) >= 2


def _shown(value: int) -> str:
    return f"#{value:06x}" if value > 255 else str(value)


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]
