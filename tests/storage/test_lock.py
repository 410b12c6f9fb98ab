"""The lock of a video: it holds whatever the disk says, and who only looks takes it from nobody."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

import pytest

from sam2_session.core.errors import Conflict
from sam2_session.storage import lock
from sam2_session.storage.lock import VideoLock, is_held


def test_on_a_full_disk_it_holds_without_a_name_and_is_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = tmp_path / ".lock"
    with monkeypatch.context() as full:
        full.setattr(os, "pwrite", refuse)
        held = VideoLock(path)
        with pytest.raises(Conflict, match="owner unknown"):
            VideoLock(path)

    held.release()
    VideoLock(path).release()


def test_who_looks_whether_it_is_held_keeps_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / ".lock"
    path.touch()
    look = os.open(path, os.O_RDWR)
    fcntl.flock(look, fcntl.LOCK_EX | fcntl.LOCK_NB)  # what `is_held` does for a moment
    monkeypatch.setattr(lock, "sleep", lambda _: os.close(look))

    held = VideoLock(path)

    assert is_held(path)
    held.release()
    assert not is_held(path)
