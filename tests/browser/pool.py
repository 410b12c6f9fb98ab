"""Running servers that one test hands on to the next."""

from __future__ import annotations

import json
import shutil
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tests import processes
from tests.browser.server import PLAIN_PATH, LiveServer
from tests.workspace_dirs import WorkspaceDirs

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from sam2_session.settings import Settings

MOST_IDLE = 2
PREPARED_ID = "clip"
OF_EVERY_VIDEO = ("regions", "region-rules", "classes")  # lists that a test may change
THEIR_FILES = ("regions.json", "region_rules.json", "classes.json", ".jobs.json")


class ServerPool:
    """Servers with the default options: to start one takes longer than most tests."""

    browser: Browser | None = None  # its pages may look at them

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started = 0
        self._idle: list[LiveServer] = []
        self._fresh: dict[str, Any] = {}  # the lists of a server that was just started

    @contextmanager
    def lend(self, *videos: Path) -> Iterator[LiveServer]:
        """Lend a server that has these videos and nothing else.

        Pages that look at it are closed at the end: they would complain of what is gone. The server
        is kept for the next test if it runs and forgot this one.
        """
        server = self._idle.pop() if self._idle else self._start()
        pids = _pids(server)
        for video in videos:
            shutil.copy(video, server.dirs.videos)
        _videos(server)  # it finds them when it is asked, as it does when it starts
        try:
            yield server
        finally:
            self._close_pages(server)
            processes.shared -= pids
            if len(self._idle) < MOST_IDLE and _forgets(server, self._fresh):
                processes.shared |= _pids(server)  # others, if a test ended those
                self._idle.append(server)
            else:
                server.stop()

    @contextmanager
    def lend_prepared(self, made: Settings) -> Iterator[LiveServer]:
        """Lend a server with the clip of a workspace and what was made of it, as from the trash."""
        with self.lend() as server:
            trashed = server.dirs.outputs / ".trash" / f"{PREPARED_ID}-0"
            shutil.copytree(made.outputs_dir / PREPARED_ID, trashed / PREPARED_ID)
            shutil.copy2(made.videos_dir / f"{PREPARED_ID}.mp4", trashed)
            _request(server, "POST", "videos/restore", {"trash_id": trashed.name})
            yield server

    def _close_pages(self, server: LiveServer) -> None:
        for context in self.browser.contexts if self.browser else ():
            for page in context.pages:
                if page.url.startswith(server.url) and page.url != server.url + PLAIN_PATH:
                    page.close()

    def close(self) -> None:
        """End those that nobody uses."""
        while self._idle:
            server = self._idle.pop()
            processes.shared -= _pids(server)
            server.stop()

    def _start(self) -> LiveServer:
        self._started += 1
        folder = self._folder / str(self._started)
        dirs = WorkspaceDirs.made_in(folder)
        server = LiveServer(dirs, folder / "server.log", "--precision", "fp32")
        server.__enter__()
        processes.shared |= _pids(server)
        self._fresh = _lists(server)
        return server


def _pids(server: LiveServer) -> set[int]:
    """The server and its session process; none once it was stopped."""
    return {server.pid, *server.session_pids} if server.is_running else set()


def _forgets(server: LiveServer, fresh: dict[str, Any]) -> bool:
    """Delete all that a test made, as users do; whether nothing is left of it."""
    if not server.is_running:
        return False
    try:
        _delete_batches(server)
        _delete_videos(server)
        if _lists(server) != fresh:
            _bring_back(server, fresh)
        is_fresh = _lists(server) == fresh
    except OSError:
        return False
    _remove_remains(server.dirs)
    return is_fresh and not [*server.dirs.videos.iterdir(), *server.dirs.outputs.iterdir()]


def _delete_batches(server: LiveServer) -> None:
    for batch in _request(server, "GET", "batches")["batches"]:
        _request(server, "DELETE", f"batches/{quote(batch['batch_id'])}")


def _delete_videos(server: LiveServer) -> None:
    """Delete all videos as users do."""
    for video in _videos(server):
        _request(server, "DELETE", f"videos/{video['video_id']}")


def _bring_back(server: LiveServer, fresh: dict[str, Any]) -> None:
    """Remove added regions and classes, and let the rules of before hold."""
    _request(server, "PUT", "region-rules", fresh["region-rules"])
    for kind in ("regions", "classes"):
        known = [row["name"] for row in fresh[kind][kind]]
        for row in _request(server, "GET", kind)[kind]:
            if row["name"] not in known:
                _request(server, "DELETE", f"{kind}/{quote(row['name'])}")


def _remove_remains(dirs: WorkspaceDirs) -> None:
    """Remove what stays in the folders when everything is deleted."""
    shutil.rmtree(dirs.outputs / ".trash", ignore_errors=True)
    for path in (*(dirs.outputs / name for name in THEIR_FILES), *dirs.outputs.glob(".*.lock")):
        path.unlink(missing_ok=True)
    for file in dirs.videos.glob(".upload-*"):  # of a dry run: kept for a quarter of an hour
        file.unlink()
    for folder in (dirs.outputs / "batches", *dirs.videos.iterdir()):
        if folder.is_dir() and not [path for path in folder.rglob("*") if path.is_file()]:
            shutil.rmtree(folder)


def _lists(server: LiveServer) -> dict[str, Any]:
    return {name: _request(server, "GET", name) for name in OF_EVERY_VIDEO}


def _videos(server: LiveServer) -> list[dict[str, Any]]:
    videos: list[dict[str, Any]] = _request(server, "GET", "videos")["videos"]
    return videos


def _request(server: LiveServer, method: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{server.url}/api/{path}", data, headers, method=method)
    with urllib.request.urlopen(request, timeout=300) as answer:
        return json.load(answer)
