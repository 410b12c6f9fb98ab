"""Reads folders of mask PNGs: our own, one folder per object, or numbers and colours of objects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from sam2_session.core.errors import SessionError
from sam2_session.core.types import REGION_SLUG, BoolMask
from sam2_session.formats.images.label_pictures import (
    BYTE,
    IGNORED,
    PER_CLASS,
    VOC_VOID,
    LabelPicture,
    Labels,
    Meaning,
    light_value,
    mask_in,
    meaning_of,
    opaque,
    read_picture,
)
from sam2_session.formats.images.png_images import HEAD_BYTES, picture_size
from sam2_session.formats.importing.clips import note_other_video, pick_clip
from sam2_session.formats.importing.file_tree import FileTree
from sam2_session.formats.importing.frame_names import FrameNames, match_names
from sam2_session.formats.importing.label_names import split_label
from sam2_session.formats.importing.plan import ImportPlan, Outcome, Subject
from sam2_session.formats.importing.plan_builder import PlanBuilder
from sam2_session.formats.png_masks.layout import (
    MaskFolder,
    classes_of_objects,
    is_mask,
    mask_folders,
)
from sam2_session.formats.png_masks.names import class_names, colour_names

NAME = "mask_folders"
OURS = re.compile(r"(?:^|/)instance([1-9][0-9]{0,8})/masks_([^/]+)$")
NUMBERED = re.compile(r"[1-9][0-9]{0,8}")
MAX_MASK_BYTES = 64 * 1024 * 1024
ANNOTATIONS = "annotations"  # a folder
SAMPLES = 12  # pictures of a folder that are read to find out what their values mean
OBJECT_COLOURS = "Objects were told apart by their colours, which may change from frame to frame."
Numbers = Mapping[int, tuple[int, str]]  # a number at a pixel to its (instance_id, region)


def has_masks(tree: FileTree) -> bool:
    """Return whether the tree has images that could be masks."""
    return any(is_mask(path) for path in tree.paths)


def read_mask_folders(tree: FileTree, builder: PlanBuilder, numbers: Numbers) -> ImportPlan:
    """Plan the import of every PNG; `numbers` maps a number to its (instance_id, region)."""
    folders = mask_folders(tree, builder)
    if builder.base is None and folders and all(OURS.search(folder.path) for folder in folders):
        builder.base = 1
    names = match_names(
        [name for folder in folders for name in folder.names], builder, by_folder=True
    )
    reader = _Reader(tree, builder, numbers, names)
    reader.read(folders)
    return builder.build(NAME)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads every folder in the way its pictures are meant."""

    tree: FileTree
    builder: PlanBuilder
    numbers: Numbers
    frames: FrameNames
    colours: dict[int, str] = field(default_factory=dict)

    def read(self, folders: Sequence[MaskFolder]) -> None:
        """Add the masks of all folders, or of this video's clip alone."""
        self.colours.update(colour_names(self.tree))
        classes = classes_of_objects(folders)
        read_with_objects = {folder.path for folder in classes.values()}
        found = [
            (folder, *self._found_in(folder))
            for folder in folders
            if folder.path not in read_with_objects
        ]
        labelled = [folder for folder, meaning, _ in found if meaning is not Meaning.MASK]
        kept = self._of_this_clip(labelled)
        for folder, meaning, light in found:
            if meaning is Meaning.MASK:
                self._read_masks(folder, light)
            elif folder.path in kept:
                self._read_labels(folder, meaning, classes.get(folder.path))

    def _found_in(self, folder: MaskFolder) -> tuple[Meaning, int | None]:
        """Tell what a folder's values mean, and the higher one if there are two."""
        if OURS.search(folder.path):
            return Meaning.MASK, None
        samples = list(self._samples(folder))
        return self._meaning(samples), light_value(samples)

    def _of_this_clip(self, labelled: Sequence[MaskFolder]) -> set[str]:
        """Return the path of this video's folder if several number the same frames; else all."""
        seen: set[str] = set()
        paths = {folder.path: folder for folder in labelled}
        for folder in labelled:
            names = {_file_name(name) for name in folder.names}
            if names & seen:
                chosen = pick_clip(paths, self.builder)
                return {chosen} if chosen is not None else set()
            seen |= names
        for path in paths if len(paths) == 1 else ():
            if ANNOTATIONS in path.casefold().split("/")[:-1]:  # DAVIS names the folder by a clip
                note_other_video(path, self.builder)
        return set(paths)

    def _meaning(self, samples: Sequence[LabelPicture]) -> Meaning:
        if self.numbers:
            return Meaning.NUMBERS
        return meaning_of(samples, named_colours=bool(self.colours))

    def _samples(self, folder: MaskFolder) -> Iterator[LabelPicture]:
        for path in folder.files[:: max(1, len(folder.files) // SAMPLES)][:SAMPLES]:
            try:
                yield self._picture(path)
            except SessionError:
                continue  # reported when the file is read for import

    def _usable(self, folder: MaskFolder) -> Iterator[tuple[str, int]]:
        """Yield the files of the video's size, with their frames; note the others."""
        for order, (path, name) in enumerate(zip(folder.files, folder.names, strict=True)):
            try:
                height, width = picture_size(self.tree.read(path, HEAD_BYTES))
            except SessionError as error:
                self.builder.skip(error.message, path)
                continue
            if (height, width) != self.builder.facts.size_hw:
                tall, wide = self.builder.facts.size_hw
                self.builder.skip(f"The mask is {width}x{height}, the video {wide}x{tall}.", path)
            elif (frame_idx := self.frames.frame_of(name, order, path)) is not None:
                yield path, frame_idx

    def _read_masks(self, folder: MaskFolder, light: int | None) -> None:
        ours = OURS.search(folder.path)
        subject = _subject(folder, ours, self.builder)
        for path, frame_idx in self._usable(folder):
            if ours is not None and self.builder.is_prompted(subject, frame_idx):
                why = "The mask will be drawn again from its prompts."
                self.builder.notes.add(Outcome.NOTE, why, path)
            else:
                read = partial(_read_mask, self.tree, path, light)
                self.builder.add_mask(subject, frame_idx, read, file=path)

    def _read_labels(
        self, folder: MaskFolder, meaning: Meaning, classes: MaskFolder | None
    ) -> None:
        if classes is not None:
            self.builder.notes.add(Outcome.WARNING, OBJECT_COLOURS, folder.path)
        by_name = {_file_name(path): path for path in classes.files} if classes else {}
        names = class_names(self.tree) if meaning is Meaning.TRACKS else {}
        for path, frame_idx in self._usable(folder):
            try:
                labels = opaque(self._picture(path))
                beside = by_name.get(_file_name(path))
                class_labels = opaque(self._picture(beside)) if beside else None
            except SessionError as error:
                self.builder.skip(error.message, path)
                continue
            for value in np.unique(labels).tolist():
                subject = self._subject_of(value, meaning, names, path)
                if subject is not None and class_labels is not None:
                    subject = self._object(value, labels, class_labels)
                if subject is not None:
                    read = partial(_read_label, self.tree, path, value)
                    self.builder.add_mask(subject, frame_idx, read)

    def _picture(self, path: str) -> LabelPicture:
        return read_picture(self.tree.read(path, MAX_MASK_BYTES), self.builder.facts.size_hw)

    def _subject_of(
        self, value: int, meaning: Meaning, classes: Mapping[int, str], path: str
    ) -> Subject | None:
        """Name the object of a number or colour; None for the background and for void."""
        if value == 0 or self._is_void(value, meaning, path):
            return None
        if meaning is Meaning.COLOURS:
            name = self.colours.get(value, f"#{value:06x}")
            return None if name.casefold() == "background" else self._named(name, name)
        if meaning is Meaning.TRACKS:
            number = value // PER_CLASS
            return self._named(classes.get(number, f"class {number}"), str(value))
        instance_id, region = self.numbers.get(value, (value, None))
        return self.builder.subject(str(value), str(value), instance_id=instance_id, region=region)

    def _object(self, value: int, labels: Labels, classes: Labels) -> Subject:
        """Name an object by the class that most of its pixels have."""
        found, counts = np.unique(classes[labels == value], return_counts=True)
        colour = int(found[counts.argmax()])
        return self._named(self.colours.get(colour, f"#{colour:06x}"), f"object {value:06x}")

    def _named(self, label: str, group: str) -> Subject:
        instance, region = split_label(label, self.builder.choices.regions)
        return self.builder.subject(label, group, instance_name=instance, region=region)

    def _is_void(self, value: int, meaning: Meaning, path: str) -> bool:
        void = {Meaning.COLOURS: VOC_VOID, Meaning.TRACKS: IGNORED}.get(meaning, BYTE)
        if value != void or value in self.numbers or value in self.colours:
            return False
        shown = f"#{value:06x}" if meaning is Meaning.COLOURS else str(value)
        self.builder.skip(f"{shown} is no object but 'do not care'.", path)
        return True


def _read_mask(tree: FileTree, path: str, light: int | None) -> BoolMask:
    return mask_in(read_picture(tree.read(path, MAX_MASK_BYTES)), light)


def _read_label(tree: FileTree, path: str, value: int) -> BoolMask:
    mask: BoolMask = opaque(read_picture(tree.read(path, MAX_MASK_BYTES))) == value
    return mask


def _subject(folder: MaskFolder, ours: re.Match[str] | None, builder: PlanBuilder) -> Subject:
    if ours is not None:
        instance_id, region = int(ours[1]), ours[2]
        known = region if REGION_SLUG.fullmatch(region) else None
        label = f"instance{instance_id}/{region}"
        return builder.subject(label, str(instance_id), instance_id=instance_id, region=known)
    label = folder.name or "mask"
    group, part = split_label(label, builder.choices.regions)
    if part is not None and group is None and "/" in folder.path:  # tool1/shaft/00001.png
        group = folder.path.rsplit("/", 2)[-2]
    number = int(label) if NUMBERED.fullmatch(label) else None
    named = group or (label if part is None and number is None and folder.name else None)
    return builder.subject(
        label, group or label, instance_id=number, instance_name=named, region=part
    )


def _file_name(path: str) -> str:
    return path.rsplit("/", 1)[-1]
