"""Workspaces that are made once and copied for each test: to track takes longer than most tests."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from sam2_session.settings import Settings
from tests.annotating import BODY, Annotator, annotating, settings_of

Make = Callable[[Annotator], object]
FIRST_SEQ = 30  # of a test's own commands: a workspace is made by fewer
CLIP = "clip.mp4"


class Recipe(NamedTuple):
    """The steps done in a workspace, and its clip: by default the moving one."""

    make: Make
    clip: Path | None = None


class PreparedWorkspaces:
    """Makes a workspace by each recipe when it is wanted first."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._made: dict[Recipe, Settings] = {}

    @contextmanager
    def opened(self, make: Make, settings: Settings) -> Iterator[Annotator]:
        """Copy what `make` does to a workspace to that of a test, and open it."""
        made = self.made_by(make)
        for name in ("videos_dir", "outputs_dir"):
            shutil.copytree(getattr(made, name), getattr(settings, name), dirs_exist_ok=True)
        with annotating(settings, first_seq=FIRST_SEQ) as annotator:
            annotator.open()
            yield annotator

    def made_by(self, make: Make, clip: Path | None = None) -> Settings:
        """The workspace that is copied; nobody has it open."""
        recipe = Recipe(make, clip)
        if recipe not in self._made:
            settings = settings_of(self._home / str(len(self._made)))
            settings.videos_dir.mkdir(parents=True)
            if clip is not None:
                shutil.copy(clip, settings.videos_dir / CLIP)
            with annotating(settings) as annotator:
                annotator.open()
                make(annotator)
            self._made[recipe] = settings
        return self._made[recipe]


def track_six(ada: Annotator) -> None:
    """Click on an object, and track it on frames 0 to 5."""
    ada.click(0, *BODY)
    ada.propagate(start=0, end=5)


def track_all(ada: Annotator) -> None:
    """Click on an object, and track it on all frames."""
    ada.click(0, *BODY)
    ada.propagate()
