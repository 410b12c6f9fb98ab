"""Keeps the track logs of a video within a bound: pairs longest untouched lose theirs.

The price: the next run of such a pair begins anew at its prompts, and a first click on one of its
tracked frames refines the saved mask, not the logits behind it. Masks and prompts stay.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sam2_session.core.types import SessionKey
from sam2_session.services.prediction.service import PredictionService
from sam2_session.services.projects.project import Project
from sam2_session.storage.atomic import remove as remove_file
from sam2_session.storage.layered_log import log_files


class TrackLogBound:
    """Measures track logs, and drops them; `max_bytes` 0 is no bound."""

    def __init__(self, predictions: PredictionService, max_bytes: int) -> None:
        self._predictions = predictions
        self._max_bytes = max_bytes

    def size(self, project: Project) -> int:
        """Return the bytes of all track logs of a video."""
        return sum(_size(files) for files in _logs(project).values())

    def drop_oldest(self, project: Project) -> tuple[int, list[SessionKey]]:
        """Drop logs until the rest is within the bound; returns bytes, and whose logs they were."""
        logs = _logs(project)
        total = sum(map(_size, logs.values()))
        freed, pairs = 0, []
        for key in sorted(logs, key=lambda key: _touched_at(logs[key])):
            if not self._max_bytes or total - freed <= self._max_bytes:
                break
            freed += _size(logs[key])
            pairs.append(key)
            self._predictions.forget_pair(key, _removal(logs[key]))
        return freed, pairs


def _logs(project: Project) -> dict[SessionKey, list[Path]]:
    path_of = project.workspace.track_log_path
    return {key: files for key in project.pairs() if (files := log_files(path_of(key)))}


def _size(files: list[Path]) -> int:
    return sum(file.stat().st_size for file in files if file.exists())


def _touched_at(files: list[Path]) -> float:
    return max((file.stat().st_mtime for file in files if file.exists()), default=0.0)


def _removal(files: list[Path]) -> Callable[[], None]:
    def remove() -> None:
        for file in files:
            remove_file(file)

    return remove
