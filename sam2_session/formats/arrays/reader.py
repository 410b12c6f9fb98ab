"""Reads masks from NumPy arrays: a file per mask, or a stack per object."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from functools import partial

from sam2_session.core.errors import InvalidPrompt, SessionError
from sam2_session.core.types import REGION_SLUG, BoolMask
from sam2_session.formats.arrays.files import Stack, read_head, read_mask, require_size
from sam2_session.formats.importing.file_tree import MAX_FILE_BYTES, FileTree
from sam2_session.formats.importing.frame_names import FrameNames, match_names
from sam2_session.formats.importing.label_names import split_label
from sam2_session.formats.importing.plan import ImportPlan, Subject
from sam2_session.formats.importing.plan_builder import PlanBuilder

NAME = "arrays"
OUR_FILE = re.compile(r"([0-9]{1,9})_([0-9]{1,9})\.npy")  # frame_idx, mask_id
OUR_STACK = re.compile(r"([1-9][0-9]{0,8})_([^/]+)\.npz")  # instance, region
HEAD_BYTES = 16 * 1024
MAX_ITEM_BYTES = 8  # per number
PairsOfIds = Mapping[int, tuple[int, str]]  # mask_id to (instance_id, region)


def has_arrays(tree: FileTree) -> bool:
    """Return whether the tree has arrays that could be masks."""
    return any(path.endswith((".npy", ".npz")) for path in tree.paths)


def read_arrays(tree: FileTree, builder: PlanBuilder, mask_ids: PairsOfIds) -> ImportPlan:
    """Plan the import of every array; numbers in the names of our exports count from 0."""
    foreign = [path for path in tree.paths if path.endswith(".npy") and not _ours(path)]
    names = match_names(foreign, builder, by_folder=True)
    for path in tree.paths:
        try:
            if path.endswith(".npz"):
                _add_stack(tree, path, builder)
            elif path.endswith(".npy"):
                _add_file(tree, path, builder, mask_ids, names)
        except SessionError as error:
            builder.skip(error.message, path)
    return builder.build(NAME)


def _ours(path: str) -> re.Match[str] | None:
    return OUR_FILE.fullmatch(path.rsplit("/", 1)[-1])


def _add_file(
    tree: FileTree, path: str, builder: PlanBuilder, mask_ids: PairsOfIds, names: FrameNames
) -> None:
    ours = _ours(path)
    if not ours and path not in names.frames and not names.own_names:
        raise InvalidPrompt("Its name does not say its frame.")
    require_size(read_head(io.BytesIO(tree.read(path, HEAD_BYTES))), builder.facts.size_hw)
    if ours:
        frame_idx = builder.frame(int(ours[1]) + (builder.choices.frame_offset or 0), path)
    else:
        frame_idx = names.frame_of(path, 0, path)
    if frame_idx is not None:
        subject = _subject_of_id(int(ours[2]), mask_ids, builder) if ours else None
        subject = subject or _subject(path.rpartition("/")[0].rsplit("/", 1)[-1], builder)
        read = partial(_read, tree, path, builder.facts.size_hw)
        builder.add_mask(subject, frame_idx, read, file=path)


def _add_stack(tree: FileTree, path: str, builder: PlanBuilder) -> None:
    if tree.size(path) > MAX_FILE_BYTES:
        raise InvalidPrompt(f"It is over {MAX_FILE_BYTES} bytes.")
    stack = Stack(tree.read(path), builder.facts.size_hw)
    name = path.rsplit("/", 1)[-1]
    ours = OUR_STACK.fullmatch(name)
    if ours and REGION_SLUG.fullmatch(ours[2]):
        subject = _subject_of_pair(int(ours[1]), ours[2], builder)
    else:
        subject = _subject(name.removesuffix(".npz"), builder)
    for at, number in enumerate(stack.frames):
        frame_idx = builder.frame(number + (builder.choices.frame_offset or 0), path)
        if frame_idx is not None:
            builder.add_mask(subject, frame_idx, partial(stack.read, at), file=path)


def _read(tree: FileTree, path: str, size_hw: tuple[int, int]) -> BoolMask:
    return read_mask(
        io.BytesIO(tree.read(path, HEAD_BYTES + MAX_ITEM_BYTES * size_hw[0] * size_hw[1])), size_hw
    )


def _subject_of_id(mask_id: int, mask_ids: PairsOfIds, builder: PlanBuilder) -> Subject:
    if mask_id in mask_ids:
        return _subject_of_pair(*mask_ids[mask_id], builder)
    return builder.subject(f"mask {mask_id}", f"mask {mask_id}")


def _subject_of_pair(instance_id: int, region: str, builder: PlanBuilder) -> Subject:
    label = f"instance{instance_id}/{region}"
    return builder.subject(label, str(instance_id), instance_id=instance_id, region=region)


def _subject(label: str, builder: PlanBuilder) -> Subject:
    label = label or "mask"
    group, region = split_label(label, builder.choices.regions)
    return builder.subject(label, group or label, instance_name=group, region=region)
