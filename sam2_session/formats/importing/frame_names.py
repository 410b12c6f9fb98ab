"""Finds the frames of file names by one rule for every format, and says how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sam2_session.core.errors import UnsupportedImport
from sam2_session.formats.importing.file_names import bare_stem, base_name, is_brush_file, path_of
from sam2_session.formats.importing.frame_numbers import number_in, numbers_of, offset_of
from sam2_session.formats.importing.plan import Outcome, safe_text
from sam2_session.formats.importing.plan_builder import PlanBuilder

BY_ORDER = "Its name has no frame number; files are taken in their order."
UNKNOWN = "The video has no frame of this name."
BY_NAME = "Frames were found by the names of the video's own pictures."
SHOWN = 3  # names in a message


@dataclass(frozen=True, slots=True)
class FrameNames:
    """The frames of the names in one file, found by `match_names`."""

    builder: PlanBuilder
    frames: Mapping[str, int]  # by name as given; not yet checked against the video's length
    offset: int | None = None  # added to the numbers in the names, if these count
    first_file: str | None = None
    own_names: bool = False  # they are names of the video's own pictures

    def frame_of(self, name: str | None, order: int, where: str) -> int | None:
        """Find the frame of a name; None, noted, if the video has none for it.

        `order` is the place among all files, counted from 0; it decides for names without number.
        """
        found = self.frames.get(name) if name is not None else None
        if found is None and self.own_names:
            self.builder.skip(UNKNOWN, where)
            return None
        if found is None:
            self.builder.notes.add(Outcome.WARNING, BY_ORDER, where)
            found = order + (self.builder.choices.frame_offset or 0)
        return self.builder.frame(found, where)


def match_names(
    names: Iterable[str], builder: PlanBuilder, *, by_folder: bool = False
) -> FrameNames:
    """Find the frame of each name, path or URL: one of the video's own pictures', else by number.

    With `by_folder`, names of different folders may have the number of the same frame.

    Raises `UnsupportedImport` if names do not tell which of their numbers is the frame.
    """
    found = _match({name: base_name(name) for name in names}, builder, by_folder=by_folder)
    builder.tell_frames(found.offset, found.first_file)
    return found


def _match(files: Mapping[str, str], builder: PlanBuilder, *, by_folder: bool) -> FrameNames:
    if builder.base is None and builder.choices.frame_offset is None:
        own = _own_frames(files, builder)
        if own:
            builder.notes.add(Outcome.NOTE, BY_NAME)
            first = min(own, key=lambda name: own[name])
            return FrameNames(builder, own, first_file=files[first], own_names=True)
    return _by_number(files, builder, by_folder=by_folder)


def _own_frames(files: Mapping[str, str], builder: PlanBuilder) -> dict[str, int]:
    """Find names of the video's own pictures: equal, equal without suffix, or of equal number."""
    own = builder.facts.frame_names
    if not own:
        return {}
    by_stem = {bare_stem(name).casefold(): at for at, name in enumerate(own)}
    found = {
        name: by_stem[stem]
        for name, file in files.items()
        if (stem := bare_stem(file).casefold()) in by_stem
    }
    if found or len(by_stem) < len(own):
        return found
    numbers = numbers_of([bare_stem(file) for file in files.values()], len(own)) or {}
    by_number = {
        number: at for at, name in enumerate(own) if (number := number_in(name)) is not None
    }
    return {
        name: by_number[number]
        for name, file in files.items()
        if (number := numbers.get(bare_stem(file))) in by_number
    }


def _by_number(files: Mapping[str, str], builder: PlanBuilder, *, by_folder: bool) -> FrameNames:
    folders: dict[str, list[str]] = {}
    for name in files:
        folders.setdefault(path_of(name).rpartition("/")[0] if by_folder else "", []).append(name)
    numbers: dict[str, int] = {}
    for inside in folders.values():
        numbers |= _numbers({name: files[name] for name in inside}, builder)
    if not numbers:
        return FrameNames(builder, {})
    first = min(numbers, key=lambda name: numbers[name])
    offset = builder.choices.frame_offset
    if offset is None and builder.base is not None:
        offset = -builder.base
    if offset is None and any(is_brush_file(file) for file in files.values()):
        builder.ask("frame_offset", first_file=files[first])
    if offset is None:
        offset = offset_of(numbers.values(), builder.facts.num_frames)
    frames = {name: number + offset for name, number in numbers.items()}
    return FrameNames(builder, frames, offset, files[first])


def _numbers(files: Mapping[str, str], builder: PlanBuilder) -> dict[str, int]:
    """Read the numbers of names that belong together. Raises `UnsupportedImport` if unclear."""
    stems = {name: bare_stem(file) for name, file in files.items()}
    found = numbers_of(stems.values(), builder.facts.num_frames)
    if found is None and builder.choices.frame_offset is None and builder.base is None:
        raise _unclear(sorted(set(files.values())))
    if found is None:  # told to take the last one
        found = {stem: at for stem in stems.values() if (at := number_in(stem)) is not None}
    return {name: found[stem] for name, stem in stems.items() if stem in found}


def _unclear(files: list[str]) -> UnsupportedImport:
    some = ", ".join(safe_text(file, 60) for file in files[:SHOWN])
    return UnsupportedImport(
        f"The files' names do not tell which number is the frame: {some}.",
        hint="Rename them so that one number counts the frames (00000.png, 00001.png, …), or give "
        "a frame offset: then the last number in each name counts.",
    )
