"""The two folders of a server's data."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class WorkspaceDirs(NamedTuple):
    """Folders where a test's server finds videos and puts what is made of them."""

    videos: Path
    outputs: Path

    @classmethod
    def made_in(cls, home: Path) -> WorkspaceDirs:
        """Both of them, new and empty."""
        dirs = cls(home / "videos", home / "outputs")
        for folder in dirs:
            folder.mkdir(parents=True)
        return dirs
