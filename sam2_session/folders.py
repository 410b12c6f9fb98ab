"""Finds the files that come with the program, and the folders its data lies in by default.

In a checkout both are the repository's. A wheel carries the page, the configurations, the demo
model and the demo clip as `sam2_session/resources/`; its user's data lies in the current folder.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_WHEEL_RESOURCES = _PACKAGE / "resources"  # pyproject.toml maps the repository's folders there

INSTALLED = _WHEEL_RESOURCES.is_dir()
RESOURCES = _WHEEL_RESOURCES if INSTALLED else _PACKAGE.parent
DEMO_CLIP = RESOURCES / "videos" / "demo.mp4"
DATA = Path.cwd() if INSTALLED else _PACKAGE.parent
BUNDLED_CHECKPOINTS = RESOURCES / "checkpoints" if INSTALLED else None
COMMAND = "sam2-session" if INSTALLED else "python server.py"  # starts the server, for messages


def child_environment() -> dict[str, str]:
    """Copy the environment for a process of this program; a checkout may lie anywhere."""
    environ = dict(os.environ)
    if not INSTALLED:
        known = filter(None, environ.get("PYTHONPATH", "").split(os.pathsep))
        environ["PYTHONPATH"] = os.pathsep.join([str(RESOURCES), *known])
    return environ


def make_videos_folder(videos_dir: Path) -> bool:
    """Make the default videos folder with the demo clip in it, if it is new; whether it was.

    A folder that exists or that the user has named gets no file unasked. Raises OSError.
    """
    if not INSTALLED or videos_dir != DATA / "videos" or videos_dir.exists():
        return False
    videos_dir.mkdir(parents=True)
    unfinished = videos_dir / ".demo.mp4.tmp"
    shutil.copyfile(DEMO_CLIP, unfinished)
    unfinished.replace(videos_dir / "demo.mp4")
    return True
