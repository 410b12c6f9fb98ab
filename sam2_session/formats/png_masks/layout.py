"""Finds the folders of masks in an archive, and the name that tells the frame of each file."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from sam2_session.formats.importing.file_tree import FileTree
from sam2_session.formats.importing.plan import Outcome
from sam2_session.formats.importing.plan_builder import PlanBuilder

FRAME_FOLDERS = frozenset({"frames", "images", "jpegimages", "rgb"})
CLASS_FOLDER, OBJECT_FOLDER = "segmentationclass", "segmentationobject"
CITYSCAPES = re.compile(r"_gt(?:Fine|Coarse)_(\w+)$")  # several pictures of each frame
CITYSCAPES_KINDS = ("instanceIds", "labelIds", "color")  # the first that is there is read
TURNED = "The folders were read as frames and the files in them as objects."


@dataclass(frozen=True, slots=True)
class MaskFolder:
    """One folder of masks; `names` tell the frames of its files, in their order."""

    path: str
    files: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        """The folder's own name."""
        return self.path.rsplit("/", 1)[-1]


def mask_folders(tree: FileTree, builder: PlanBuilder) -> list[MaskFolder]:
    """Group the masks of an archive by folder, or by object if its folders are frames."""
    found: dict[str, list[str]] = defaultdict(list)
    paths = [path for path in tree.paths if is_mask(path)]
    for path in _of_one_kind(paths, builder):
        found[path.rpartition("/")[0]].append(path)
    if _folders_are_frames(found):
        builder.notes.add(Outcome.NOTE, TURNED)
        return _turned(found)
    return [MaskFolder(path, tuple(files), tuple(files)) for path, files in found.items()]


def classes_of_objects(folders: Sequence[MaskFolder]) -> dict[str, MaskFolder]:
    """Find the pictures of classes that lie beside pictures of objects: by the objects' path."""
    by_path = {folder.path.casefold(): folder for folder in folders}
    pairs = {}
    for folder in folders:
        parent, slash, name = folder.path.casefold().rpartition("/")
        if name == OBJECT_FOLDER and (classes := by_path.get(f"{parent}{slash}{CLASS_FOLDER}")):
            pairs[folder.path] = classes
    return pairs


def is_mask(path: str) -> bool:
    """Return whether a path is a PNG outside the folders that hold the frames themselves."""
    folders = path.casefold().split("/")[:-1]
    return path.lower().endswith(".png") and not FRAME_FOLDERS & set(folders)


def _of_one_kind(paths: Sequence[str], builder: PlanBuilder) -> Sequence[str]:
    """Keep one picture of each frame where all files are named as in Cityscapes."""
    kinds = [found[1] for path in paths if (found := CITYSCAPES.search(PurePosixPath(path).stem))]
    chosen = next((kind for kind in CITYSCAPES_KINDS if kind in kinds), None)
    if chosen is None or len(kinds) < len(paths) or len(set(kinds)) < 2:
        return paths
    builder.notes.add(Outcome.NOTE, f"Of the pictures of Cityscapes only {chosen} were read.")
    return [path for path, kind in zip(paths, kinds, strict=True) if kind == chosen]


def _folders_are_frames(found: Mapping[str, Sequence[str]]) -> bool:
    """Tell if masks lie as frame/object.png: the frames are padded with zeros, or are more."""
    folders = [path.rpartition("/") for path in found]
    if len(folders) < 2 or len({parent for parent, _, _ in folders}) > 1:
        return False
    names = {name for _, _, name in folders}
    stems = {PurePosixPath(path).stem for files in found.values() for path in files}
    if not all(name.isdecimal() for name in names | stems):
        return False
    if _is_padded(names) != _is_padded(stems):
        return _is_padded(names)
    return len(names) > len(stems)


def _is_padded(numbers: set[str]) -> bool:
    return len({len(number) for number in numbers}) == 1 and any(
        len(number) > 1 and number[0] == "0" for number in numbers
    )


def _turned(found: Mapping[str, Sequence[str]]) -> list[MaskFolder]:
    objects: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for folder, files in found.items():
        parent, slash, frame = folder.rpartition("/")
        for path in files:
            number = PurePosixPath(path).stem
            objects[f"{parent}{slash}{number}"].append(
                (path, f"{parent}{slash}{number}/{frame}.png")
            )
    return [
        MaskFolder(path, tuple(file for file, _ in pairs), tuple(name for _, name in pairs))
        for path, pairs in objects.items()
    ]
