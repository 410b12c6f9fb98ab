"""Tells the clips of a file of several apart, and picks the one of this video."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from sam2_session.core.errors import InvalidRequest
from sam2_session.formats.importing.file_names import bare_stem, path_of
from sam2_session.formats.importing.frame_numbers import DIGITS, number_in
from sam2_session.formats.importing.label_names import same_name
from sam2_session.formats.importing.plan import Candidate, Outcome, safe_text
from sam2_session.formats.importing.plan_builder import PlanBuilder

NO_NAMES = frozenset(
    ("frames", "images", "jpegimages", "rgb", "img", "data", "annotations", "masks", "labels")
    + ("480p", "1080p", "full-resolution")
)  # of folders
VIDEO = "mp4|m4v|mov|avi|mkv|webm|mpe?g|wmv|flv|ogv|3gp|mts|m2ts"
SUFFIX = re.compile(rf"\.(?:{VIDEO})$", re.IGNORECASE)
STATED_VIDEO = re.compile(rf"^(.+?)[_.]({VIDEO})(?=[_.-])", re.IGNORECASE)  # as Roboflow writes it


def only_this_clip(names: Iterable[str], builder: PlanBuilder) -> frozenset[str]:
    """Return the names that belong to this video; all, if the file holds one clip.

    Clips are videos that the names state (``clip_mp4-0012_jpg``), or folders, or beginnings of
    names, that number the same frames. If none has the video's name, the user is asked which one
    is meant.
    """
    kept = frozenset(names)
    clips = _by_clip(kept)
    if len(clips) < 2:
        note_other_video(next(iter(clips), None), builder)
        return kept
    return frozenset(clips.get(pick_clip(clips, builder) or "", ()))


def pick_clip(clips: Mapping[str, object], builder: PlanBuilder) -> str | None:
    """Choose the clip the user named, or the one with the video's name; else ask, and None.

    Raises `InvalidRequest` if the user named one that is not there.
    """
    candidates = [Candidate(clip, safe_text(clip)) for clip in sorted(clips)]
    wanted = builder.choices.task
    if wanted is not None:
        if wanted not in clips:
            known = ", ".join(safe_text(clip, 60) for clip in sorted(clips)[:20])
            raise InvalidRequest(f"The file has no clip {wanted!r}.", hint=f"It has {known}.")
        builder.offer(candidates)
        return wanted
    matching = [clip for clip in clips if is_of_this_video(clip, builder)]
    if len(matching) != 1:
        builder.ask("task", tasks=candidates)
        return None
    builder.offer(candidates)
    left_out = len(clips) - 1
    builder.notes.add(Outcome.NOTE, f"Of {left_out + 1} clips only that of this video was read.")
    return matching[0]


def note_other_video(name: str | None, builder: PlanBuilder, *others: str | None) -> None:
    """Warn if the only video of a file has another name than this one.

    `others` are more names of that video: one that is this one's is enough.
    """
    stated = [said for said in (name, *others) if said and not _says_nothing(said)]
    if stated and not any(is_of_this_video(said, builder) for said in stated):
        why = f"The file says that it is of another video: {safe_text(stated[0], 60)}."
        builder.notes.add(Outcome.WARNING, why)


def is_of_this_video(clip: str, builder: PlanBuilder) -> bool:
    """Return whether a name or path is this video's, with or without its suffix."""
    last = clip.rsplit("/", 1)[-1]
    return any(
        same_name(said, part)
        for said in (last, SUFFIX.sub("", last))
        for name in builder.facts.names
        for part in (name, PurePosixPath(name).stem)
    )


def _says_nothing(name: str) -> bool:
    return name.rsplit("/", 1)[-1].casefold() in NO_NAMES


def _by_clip(names: frozenset[str]) -> dict[str, list[str]]:
    """Group names by the video that all of them state, which may be one.

    Else by folder, or by their beginning, where groups number the same frames.
    """
    paths = {name: path_of(name) for name in names}
    stated = {name: _stated_video(path) for name, path in paths.items()}
    if stated and all(stated.values()):
        return _grouped({name: video for name, video in stated.items() if video})
    by_folder = _grouped({name: path.rpartition("/")[0] for name, path in paths.items()})
    if _overlap(by_folder, paths):
        return by_folder
    by_beginning = _grouped({name: _beginning(path) for name, path in paths.items()})
    return by_beginning if _overlap(by_beginning, paths) else {}


def _grouped(keys: Mapping[str, str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name, key in keys.items():
        groups.setdefault(key, []).append(name)
    return groups


def _overlap(groups: Mapping[str, list[str]], paths: Mapping[str, str]) -> bool:
    """Tell if several groups hold the same number; a set split in two for training does not."""
    if len(groups) < 2:
        return False
    seen: set[int] = set()
    for inside in groups.values():
        stems = (bare_stem(paths[name].rsplit("/", 1)[-1]) for name in inside)
        numbers = {number for stem in stems if (number := number_in(stem)) is not None}
        if numbers & seen:
            return True
        seen |= numbers
    return False


def _stated_video(path: str) -> str | None:
    found = STATED_VIDEO.match(path.rsplit("/", 1)[-1])
    return f"{found[1]}.{found[2]}" if found else None


def _beginning(path: str) -> str:
    """Cut a path before the last number in its name: ``a/take1_00012.png`` to ``a/take1``."""
    folder, slash, name = path.rpartition("/")
    stem = bare_stem(name)
    runs = list(DIGITS.finditer(stem))
    start = stem[: runs[-1].start()] if runs else stem
    return f"{folder}{slash}{start.rstrip('_-. ')}"
