"""Finds the videos of a folder, and the prompts file beside each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sam2_session.core.errors import InvalidRequest
from sam2_session.core.frame_files import ARCHIVE_SUFFIXES
from sam2_session.formats.registry import IMPORTERS
from sam2_session.storage.catalog import is_source, natural_order
from sam2_session.storage.probe import VIDEO_SUFFIXES

PROMPT_SUFFIXES = frozenset(suffix for row in IMPORTERS.values() for suffix in row.suffixes)


@dataclass(frozen=True, slots=True)
class FolderVideo:
    """A video, a ZIP or a folder of pictures, and the files beside it that may hold its prompts."""

    path: Path
    prompts: tuple[Path, ...]

    def prompts_file(self) -> Path | None:
        """Give the file with its prompts, or None. Raises `InvalidRequest` if there are several."""
        if len(self.prompts) > 1:
            names = " and ".join(path.name for path in self.prompts)
            raise InvalidRequest(f"It has {names} beside it.", hint="Keep one prompts file.")
        return next(iter(self.prompts), None)


def read_folder(folder: Path) -> list[FolderVideo]:
    """List the videos in natural order, `part_9` before `part_10`. Raises `InvalidRequest`."""
    if not folder.is_dir():
        raise InvalidRequest(f"There is no folder {str(folder)!r}.")
    shown = [path for path in folder.iterdir() if not path.name.startswith(".")]
    shown.sort(key=lambda path: natural_order(path.name))
    films = [path for path in shown if path.is_file() and path.suffix.lower() in VIDEO_SUFFIXES]
    taken = {stem for film in films for stem in (film.name, film.stem)}
    pictures = [path for path in shown if _is_pictures(path) and _stem(path) not in taken]
    # `clip.zip` beside the folder `clip` holds its masks
    folders = {path.name for path in pictures if path.is_dir()}
    pictures = [path for path in pictures if path.is_dir() or path.stem not in folders]
    found = sorted([*films, *pictures], key=lambda path: natural_order(path.name))
    if not found:
        raise InvalidRequest(
            f"{str(folder)!r} holds no video, no ZIP and no folder of pictures.",
            hint="A folder of pictures is one video; `batch` takes the folder around several.",
        )
    return [FolderVideo(path, _prompts_of(path, shown, found)) for path in found]


def _is_pictures(path: Path) -> bool:
    return is_source(path) and (path.is_dir() or path.suffix.lower() in ARCHIVE_SUFFIXES)


def _prompts_of(video: Path, shown: list[Path], videos: list[Path]) -> tuple[Path, ...]:
    """Find `clip.mp4.json` and its like, else `clip.json`, `clip.xml`, `clip.zip` or `clip/`."""
    beside = [path for path in shown if path not in videos and _may_hold_prompts(path)]
    for name in (video.name, _stem(video)):
        if found := tuple(path for path in beside if _stem(path) == name):
            return found
    return ()


def _may_hold_prompts(path: Path) -> bool:
    return path.is_dir() or path.suffix.lower() in PROMPT_SUFFIXES


def _stem(path: Path) -> str:
    return path.name if path.is_dir() else path.stem
