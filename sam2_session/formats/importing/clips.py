"""Tells the clips of a file of several apart, and picks the one of this video."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from sam2_session.core.errors import InvalidRequest
from sam2_session.formats.importing.file_names import bare_stem, path_of
from sam2_session.formats.importing.frame_numbers import DIGITS, number_in
from sam2_session.formats.importing.label_names import same_name
from sam2_session.formats.importing.plan import Candidate, Outcome, safe_text
from sam2_session.formats.importing.plan_builder import PlanBuilder

NO_NAMES = frozenset({"frames", "images", "jpegimages", "rgb", "img", "data"})  # of folders


def only_this_clip(names: Iterable[str], builder: PlanBuilder) -> frozenset[str]:
    """Return the names that belong to this video; all, if the file holds one clip.

    Clips are folders, or beginnings of names, that number the same frames. If none has the video's
    name, the user is asked which one is meant.
    """
    kept = frozenset(names)
    clips = _by_clip(kept)
    if len(clips) < 2:
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
    matching = [clip for clip in clips if _is_of(clip, builder)]
    if len(matching) != 1:
        builder.ask("task", tasks=candidates)
        return None
    builder.offer(candidates)
    left_out = len(clips) - 1
    builder.notes.add(Outcome.NOTE, f"Of {left_out + 1} clips only that of this video was read.")
    return matching[0]


def note_other_video(name: str | None, builder: PlanBuilder) -> None:
    """Warn if the only video of a file has another name than this one."""
    if name and name.rsplit("/", 1)[-1].casefold() not in NO_NAMES and not _is_of(name, builder):
        why = f"The file says that it is of another video: {safe_text(name, 60)}."
        builder.notes.add(Outcome.WARNING, why)


def _is_of(clip: str, builder: PlanBuilder) -> bool:
    last = clip.rsplit("/", 1)[-1]
    return any(
        same_name(last, part)
        for name in builder.facts.names
        for part in (name, PurePosixPath(name).stem)
    )


def _by_clip(names: frozenset[str]) -> dict[str, list[str]]:
    """Group names by folder, or by their beginning, where groups number the same frames."""
    paths = {name: path_of(name) for name in names}
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


def _beginning(path: str) -> str:
    """Cut a path before the last number in its name: ``a/take1_00012.png`` to ``a/take1``."""
    folder, slash, name = path.rpartition("/")
    stem = bare_stem(name)
    runs = list(DIGITS.finditer(stem))
    start = stem[: runs[-1].start()] if runs else stem
    return f"{folder}{slash}{start.rstrip('_-. ')}"
