"""Clicks, runs and now and then a kill for minutes: nothing lost, no job left; memory is noted."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np

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
LOOK_EVERY_S = 5.0
PAUSE_S = 0.2
QUIET_SHARE = 0.7  # of the time nobody is killed, and the memory of both processes is watched
WARM_SHARE = 0.3  # of the quiet time, before the memory counts
UNDO_SHARE = 0.5
CLEAR_SHARE = 0.3


class Look(NamedTuple):
    """The resident memory of the web and the session process at a time."""

    at_s: float
    web_mb: float
    session_mb: float


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
    began_s = time.monotonic()
    quiet_until_s = began_s + 60 * run.count * QUIET_SHARE
    look_s, fault_s, looks = began_s, quiet_until_s, list[Look]()
    while (now_s := time.monotonic()) < began_s + 60 * run.count:
        for page in people:
            _click(run, page)
        time.sleep(PAUSE_S)
        if look_s < now_s < quiet_until_s:
            look_s = now_s + LOOK_EVERY_S
            sizes = [_resident_mb(pid) for pid in (server.pid, *server.session_pids)]
            looks.append(Look(now_s - began_s, *sizes))
        if now_s > fault_s:
            fault_s = now_s + FAULT_EVERY_S
            _kill_in_a_run(server)
    clicks = sum(len(page.acks) for page in people)
    run.notes += [f"{clicks} commands acknowledged", *_of_memory(looks)]


def _click(run: Attack, page: Page) -> None:
    """Click as quickly as a person who waits for the acknowledgement: no queue may grow."""
    place = {"x": run.dice.uniform(0, SIZE[0]), "y": run.dice.uniform(0, SIZE[1])}
    frame_idx, region = run.dice.randrange(FRAMES), PEOPLE[page.client_id]
    page.act("add_point", frame_idx, region=region, label=1, **place)
    if run.dice.random() < UNDO_SHARE:
        page.act("undo", frame_idx, region=region)
    elif run.dice.random() < CLEAR_SHARE:  # so that a frame never has many
        page.act("clear_frame", frame_idx, region=region)
    page.settle()


def _kill_in_a_run(server: LiveServer) -> None:
    request(server, "POST", "/api/videos/clip/propagate", {"force": True})
    for pid in server.session_pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _of_memory(looks: Sequence[Look]) -> list[str]:
    """Say how the memory of both processes grew, and by a line through what was seen once warm."""
    notes = []
    warm = looks[int(len(looks) * WARM_SHARE) :]
    for name, at in (("web", 1), ("session", 2)):
        line = " ".join(f"{look[at]:.1f}" for look in looks[:: max(1, len(looks) // 12)])
        slope = np.polyfit([look.at_s / 3600 for look in warm], [look[at] for look in warm], 1)[0]
        notes.append(f"memory of the {name} process, MB: {line}; slope {slope:+.1f} MB/h")
    return notes


def _resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
