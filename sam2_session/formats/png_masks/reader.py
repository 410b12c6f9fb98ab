"""Reads folders of mask PNGs: our own, one folder per object, or numbered greys and palettes."""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from PIL import Image, UnidentifiedImageError

from sam2_session.core.errors import InvalidPrompt, SessionError
from sam2_session.core.types import REGION_SLUG, BoolMask
from sam2_session.formats.images.png_images import (
    HEAD_BYTES,
    Picture,
    decode_picture,
    is_indexed,
    picture_size,
)
from sam2_session.formats.importing.file_tree import FileTree, natural_key
from sam2_session.formats.importing.frame_numbers import number_in, offset_of
from sam2_session.formats.importing.label_names import split_label
from sam2_session.formats.importing.plan import ImportPlan, Outcome, Subject
from sam2_session.formats.importing.plan_builder import PlanBuilder

NAME = "mask_folders"
OURS = re.compile(r"(?:^|/)instance([1-9][0-9]{0,8})/masks_([^/]+)$")
NUMBERED = re.compile(r"[1-9][0-9]{0,8}")
MAX_MASK_BYTES = 64 * 1024 * 1024
SAMPLES = 12  # images of a folder that are read to find out what its greys mean
MOST_IDS = 64  # more greys than this are soft edges, not numbers
LIGHT = 128
FRAME_FOLDERS = frozenset({"frames", "images", "jpegimages", "rgb"})


@dataclass(frozen=True, slots=True)
class _Folder:
    """One folder and the mask files in it."""

    path: str
    files: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]


def has_masks(tree: FileTree) -> bool:
    """Whether the tree has images that could be masks."""
    return any(_is_mask(path) for path in tree.paths)


def read_mask_folders(
    tree: FileTree, builder: PlanBuilder, numbers: Mapping[int, tuple[int, str]]
) -> ImportPlan:
    """Plan the import of every PNG; `numbers` maps a grey to its (instance_id, region)."""
    folders = _folders(tree)
    offset = _offset(folders, builder)
    for folder in folders:
        _read_folder(tree, folder, offset, builder, numbers)
    files = [path for folder in folders for path in folder.files]
    first = min(files, key=lambda path: natural_key(_file_name(path)), default=None)
    plan = builder.build(NAME)
    return replace(plan, frame_offset=offset, first_file=_file_name(first) if first else None)


def binary_mask(data: bytes) -> BoolMask:
    """Decode a binary mask: its light or opaque pixels, or those above 0 in a 0/1 image."""
    picture = decode_picture(data)
    values = _values(picture)
    mask: BoolMask = values >= LIGHT if values.max(initial=0) > 1 else values > 0
    return mask


def mask_of_id(data: bytes, number: int) -> BoolMask:
    """Decode the mask of one number in an image of numbers."""
    mask: BoolMask = number_picture(data) == number
    return mask


def number_picture(data: bytes) -> Picture:
    """Read the number at each pixel: its palette index, or its grey."""
    if not is_indexed(data):
        return _values(decode_picture(data))
    picture_size(data)
    try:
        with Image.open(io.BytesIO(data)) as image:
            numbers: Picture = np.asarray(image, np.uint8)
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError) as error:
        raise InvalidPrompt("The picture is broken.", hint="Write it again.") from error
    return numbers


def _folders(tree: FileTree) -> list[_Folder]:
    found: dict[str, list[str]] = defaultdict(list)
    for path in tree.paths:
        if _is_mask(path):
            found[path.rpartition("/")[0]].append(path)
    return [_Folder(path, tuple(files)) for path, files in found.items()]


def _offset(folders: Sequence[_Folder], builder: PlanBuilder) -> int:
    if builder.choices.frame_offset is not None:
        return builder.choices.frame_offset
    if folders and all(OURS.search(folder.path) for folder in folders):
        return -1 if builder.base is None else -builder.base
    names = (_file_name(path) for folder in folders for path in folder.files)
    known = [found for name in names if (found := number_in(name)) is not None]
    return offset_of(known, builder.facts.num_frames) if builder.base is None else -builder.base


def _read_folder(
    tree: FileTree,
    folder: _Folder,
    offset: int,
    builder: PlanBuilder,
    numbers: Mapping[int, tuple[int, str]],
) -> None:
    usable = [
        (path, frame_idx)
        for order, path in enumerate(folder.files)
        if (frame_idx := _frame_of(tree, path, order, offset, builder)) is not None
    ]
    ours = OURS.search(folder.path)
    if ours is None and _holds_numbers(tree, [path for path, _ in usable], numbers):
        for path, frame_idx in usable:
            _read_numbers(tree, path, frame_idx, builder, numbers)
        return
    subject = _subject(folder, ours, builder)
    for path, frame_idx in usable:
        if ours is not None and builder.is_prompted(subject, frame_idx):
            builder.notes.add(Outcome.NOTE, "The mask will be drawn again from its prompts.", path)
        else:
            builder.add_mask(subject, frame_idx, partial(_read_binary, tree, path))


def _frame_of(
    tree: FileTree, path: str, order: int, offset: int, builder: PlanBuilder
) -> int | None:
    """Find the frame of a file; None, noted, if its size or number is wrong."""
    try:
        height, width = picture_size(tree.read(path, HEAD_BYTES))
    except SessionError as error:
        builder.skip(error.message, path)
        return None
    if (height, width) != builder.facts.size_hw:
        tall, wide = builder.facts.size_hw
        builder.skip(f"The mask is {width}x{height}, the video {wide}x{tall}.", path)
        return None
    number = number_in(_file_name(path))
    if number is None:
        builder.notes.add(
            Outcome.WARNING, "A name without a number: the order of the files counts.", path
        )
        number = order - offset
    return builder.frame(number + offset, path)


def _holds_numbers(
    tree: FileTree, paths: Sequence[str], numbers: Mapping[int, tuple[int, str]]
) -> bool:
    """Whether the greys of a folder are object numbers; those of a palette always are."""
    if numbers:
        return True
    seen: set[int] = set()
    for path in paths[:: max(1, len(paths) // SAMPLES)][:SAMPLES]:
        try:
            data = tree.read(path, MAX_MASK_BYTES)
            if is_indexed(data):
                return True
            seen |= set(np.unique(_values(decode_picture(data))).tolist())
        except SessionError:
            continue  # reported when the file is read for import
    return 0 in seen and 2 < len(seen) <= MOST_IDS and 255 not in seen


def _read_numbers(
    tree: FileTree,
    path: str,
    frame_idx: int,
    builder: PlanBuilder,
    numbers: Mapping[int, tuple[int, str]],
) -> None:
    try:
        present = np.unique(number_picture(tree.read(path, MAX_MASK_BYTES))).tolist()
    except SessionError as error:
        builder.skip(error.message, path)
        return
    for number in present:
        if number == 0:
            continue
        if number == 255 and 255 not in numbers:
            builder.notes.add(Outcome.SKIPPED, "255 is no object but 'do not care'.", path)
            continue
        instance_id, region = numbers.get(number, (number, None))
        subject = builder.subject(str(number), str(number), instance_id=instance_id, region=region)
        builder.add_mask(subject, frame_idx, partial(_read_number, tree, path, number))


def _read_binary(tree: FileTree, path: str) -> BoolMask:
    return binary_mask(tree.read(path, MAX_MASK_BYTES))


def _read_number(tree: FileTree, path: str, number: int) -> BoolMask:
    return mask_of_id(tree.read(path, MAX_MASK_BYTES), number)


def _subject(folder: _Folder, ours: re.Match[str] | None, builder: PlanBuilder) -> Subject:
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


def _values(picture: Picture) -> Picture:
    """Reduce an image to one value per pixel: alpha if it varies, else the lightest channel."""
    if picture.ndim == 2:
        return picture
    if picture.shape[2] == 4 and picture[:, :, 3].min(initial=255) < 255:
        alpha: Picture = picture[:, :, 3]
        return alpha
    lightest: Picture = picture[:, :, :3].max(axis=2)
    return lightest


def _is_mask(path: str) -> bool:
    folders = path.casefold().split("/")[:-1]
    return path.lower().endswith(".png") and not FRAME_FOLDERS & set(folders)


def _file_name(path: str) -> str:
    return path.rsplit("/", 1)[-1]
