"""Connections of a real Chromium cut while somebody clicks."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress

from playwright.sync_api import sync_playwright

from tests.annotating import SIZE, make_moving_clip
from tests.browser.conftest import CHROMIUM_FLAGS, PATIENCE_MS, VIEWPORT, find_chromium
from tests.browser.driver import AnnotatorPage
from tests.browser.server import LiveServer
from tests.journeys import disk
from tests.siege.attack import Attack
from tests.workspace_dirs import WorkspaceDirs

CLICKS_A_FRAME = 12
FRAMES = 60
RESET = struct.pack("ii", 1, 0)  # closing sends RST


class CutProxy:
    """Passes connections on to a server, and cuts all of them when asked."""

    def __init__(self, port: int) -> None:
        self._upstream = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Reset every connection of now."""
        with self._lock:
            peers, self._open = self._open, set()
        for peer in peers:
            with suppress(OSError):
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                peer.shutdown(socket.SHUT_RDWR)
            peer.close()

    def close(self) -> None:
        """Take no more, and cut the rest."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                peer = self._listener.accept()[0]
                other = socket.create_connection(self._upstream)
            except OSError:
                return
            with self._lock:
                self._open |= {peer, other}
            for source, target in ((peer, other), (other, peer)):
                threading.Thread(target=_pump, args=(source, target), daemon=True).start()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for peer in (source, target):
        with suppress(OSError):
            peer.shutdown(socket.SHUT_RDWR)


def attack(run: Attack) -> None:
    """Click and cut; in the end every click is stored once."""
    dirs = WorkspaceDirs.made_in(run.folder / "cuts")
    make_moving_clip(dirs.videos / "clip.mp4", FRAMES)
    with LiveServer(dirs, run.folder / "cuts.log") as server, sync_playwright() as playwright:
        proxy = CutProxy(server.port)
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=CHROMIUM_FLAGS, timeout=PATIENCE_MS
        )
        page = browser.new_page(viewport=VIEWPORT)
        page.set_default_timeout(PATIENCE_MS)
        ada = AnnotatorPage(page, proxy.url)
        ada.open("clip.mp4")
        try:
            click_and_cut(run, ada, proxy)
            compare(run, ada, server)
        finally:
            browser.close()
            proxy.close()


def click_and_cut(run: Attack, ada: AnnotatorPage, proxy: CutProxy) -> None:
    """Each click is followed by a cut within a fifth of a second."""
    while run.done < run.count:
        if run.done % CLICKS_A_FRAME == 0:
            ada.until(ada.is_saved)
            ada.go_to(run.done // CLICKS_A_FRAME % FRAMES)
        at = ada.screen(run.dice.uniform(2, SIZE[0] - 2), run.dice.uniform(2, SIZE[1] - 2))
        ada.page.mouse.click(*at)
        ada.page.wait_for_timeout(run.dice.uniform(0, 200))
        proxy.cut()
        run.done += 1


def compare(run: Attack, ada: AnnotatorPage, server: LiveServer) -> None:
    ada.until(ada.is_saved)
    folder = server.dirs.outputs / "clip"
    disk.until_whole(folder)
    stored = sum(len(points) for points, _ in disk.points(folder).values())
    run.check(stored == run.count, f"{run.count} clicks, {stored} points are stored")
