"""Clicks, runs and now and then a kill for minutes: nothing lost, no job left; memory is noted."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from tests.annotating import SIZE, make_moving_clip
from tests.browser.server import LiveServer
from tests.journeys import disk
from tests.journeys.page import Page
from tests.journeys.test_kills import accepted
from tests.siege.attack import Attack, has_open_jobs, request
from tests.workspace_dirs import WorkspaceDirs

FRAMES = 40
PEOPLE = {"ada": "overall", "bob": "wrist"}
FAULT_EVERY_S = 30.0
PAUSE_S = 0.2


def attack(run: Attack) -> None:
    """Two people click five times a second for `count` minutes."""
    dirs = WorkspaceDirs.made_in(run.folder / "soak")
    make_moving_clip(dirs.videos / "clip.mp4", FRAMES)
    with LiveServer(dirs, run.folder / "soak.log", "--precision", "fp32") as server:
        people = [Page(server.url, name) for name in PEOPLE]
        people[0].until(
            lambda: people[0].ask("open_video", video_id="clip")["video"]["state"] == "ready"
        )
        _click_for(run, server, people)
        run.done = run.count
        for page in people:
            page.settle()
        folder = dirs.outputs / "clip"
        people[0].until(lambda: not has_open_jobs(server))
        disk.until_whole(folder)
        for page in people:
            run.check(
                disk.ops_of(folder, page.client_id) == accepted(page),
                f"{page.client_id}: what is stored is not what was acknowledged",
            )
            page.close()


def _click_for(run: Attack, server: LiveServer, people: list[Page]) -> None:
    until_s = time.monotonic() + 60 * run.count
    fault_s = time.monotonic() + FAULT_EVERY_S
    sizes = [_resident_mb(server.pid)]
    while time.monotonic() < until_s:
        for page in people:
            place = {"x": run.dice.uniform(0, SIZE[0]), "y": run.dice.uniform(0, SIZE[1])}
            frame_idx = run.dice.randrange(FRAMES)
            region = PEOPLE[page.client_id]
            page.act("add_point", frame_idx, region=region, label=1, **place)
            if run.dice.random() < 0.5:
                page.act("undo", frame_idx, region=region)
        time.sleep(PAUSE_S)
        if time.monotonic() > fault_s:
            fault_s += FAULT_EVERY_S
            sizes.append(_resident_mb(server.pid))
            request(server, "POST", "/api/videos/clip/propagate", {"force": True})
            for pid in server.session_pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    run.notes.append(f"memory of the web process, MB: {' '.join(f'{size:.1f}' for size in sizes)}")


def _resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
