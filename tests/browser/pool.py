"""Running servers that one test hands on to the next."""

from __future__ import annotations

import json
import shutil
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser

from tests import processes
from tests.browser.server import LiveServer
from tests.conftest import WorkspaceDirs

MOST_IDLE = 2


class ServerPool:
    """Servers with the default options: to start one takes longer than most tests."""

    def __init__(self, folder: Path, browser: Browser) -> None:
        self._folder = folder
        self._browser = browser
        self._started = 0
        self._idle: list[LiveServer] = []

    @contextmanager
    def lend(self, *videos: Path) -> Iterator[LiveServer]:
        """Lend a server that has these videos and nothing else.

        Pages that look at it are closed at the end: they would complain of what is gone. The server
        is kept for the next test if both its processes survived and it forgot the videos.
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
            if len(self._idle) < MOST_IDLE and _pids(server) == pids and _forgets(server):
                self._idle.append(server)
            else:
                processes.shared -= pids
                server.stop()

    def _close_pages(self, server: LiveServer) -> None:
        for context in self._browser.contexts:
            for page in context.pages:
                if page.url.startswith(server.url):
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
        server = LiveServer(dirs, folder / "server.log")
        server.__enter__()
        processes.shared |= _pids(server)
        return server


def _pids(server: LiveServer) -> set[int]:
    """The server and its session process; none once it was stopped."""
    return {server.pid, *server.session_pids} if server.is_running else set()


def _forgets(server: LiveServer) -> bool:
    """Delete all videos as a user does; whether nothing is left of what was done in a test."""
    try:
        for video_id in _videos(server):
            _request(server, "DELETE", f"/api/videos/{video_id}")
    except OSError:
        return False
    shutil.rmtree(server.dirs.outputs / ".trash", ignore_errors=True)
    for file in server.dirs.videos.glob(".upload-*"):  # of a dry run: kept for a quarter of an hour
        file.unlink()
    return not [*server.dirs.videos.iterdir(), *server.dirs.outputs.iterdir()]


def _videos(server: LiveServer) -> list[str]:
    answer = json.loads(_request(server, "GET", "/api/videos"))
    return [video["video_id"] for video in answer["videos"]]


def _request(server: LiveServer, method: str, path: str) -> bytes:
    request = urllib.request.Request(server.url + path, method=method)
    with urllib.request.urlopen(request, timeout=300) as answer:
        return bytes(answer.read())
