"""SIGKILL at random moments, of the session process and of the whole server, under clicks."""

from __future__ import annotations

import os
import random
import signal
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.annotating import DISC, SIZE, make_moving_clip
from tests.browser.pool import ServerPool
from tests.browser.server import LiveServer
from tests.journeys import disk
from tests.journeys.page import Page

FRAMES = 40
REGIONS = {"ada": "overall", "bob": "wrist"}
BACK_S = 600.0  # on a busy machine; the times are printed


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_moving_clip(tmp_path / "clip.mp4", FRAMES)


@pytest.fixture
def server(server_pool: ServerPool, clip: Path) -> Iterator[LiveServer]:
    with server_pool.lend(clip) as server:
        yield server


@pytest.mark.parametrize("kills", [3, pytest.param(60, marks=pytest.mark.slow)])
def test_nothing_acknowledged_is_ever_lost(
    server: LiveServer,
    kills: int,
    server_pool: ServerPool,
    clip: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    dice = random.Random(kills)
    ada, bob = (Page(server.url, name) for name in REGIONS)
    prepare(bob)
    back_s: dict[str, list[float]] = {"session process": [], "server": []}
    for count in range(kills):
        click_about(ada, dice)
        run(bob)
        time.sleep(dice.uniform(0, 0.8))
        victim = ("session process", "server")[count % 2]
        back_s[victim].append(seconds_until_served(server, ada, victim))
    assert_done(bob, run(bob))
    assert_done(ada, run(ada))
    folder = server.dirs.outputs / "clip"
    disk.until_whole(folder)
    for page in (ada, bob):
        page.close()
        assert disk.ops_of(folder, page.client_id) == accepted(page)
    with server_pool.lend(clip) as calm:
        assert disk.mask_files(folder) == undisturbed(calm, disk.points(folder))
    with capsys.disabled():
        sys.stdout.write(f"\n{kills} kills, {len(ada.acks) + len(bob.acks)} ops\n")
        for victim, took_s in back_s.items():
            middle, most = statistics.median(took_s), max(took_s)
            sys.stdout.write(f"{victim} serves again after {middle:.1f} s, {most:.1f} s at most\n")


def prepare(bob: Page) -> None:
    """His prompts, before any run: what a run finds depends on nothing else."""
    bob.until(lambda: bob.ask("open_video", video_id="clip")["video"]["state"] == "ready")
    for frame_idx, x, y in ((0, *DISC), (17, 96.0, 70.0)):
        bob.act("add_point", frame_idx, region=REGIONS["bob"], x=x, y=y, label=1)
    bob.settle()


def click_about(ada: Page, dice: random.Random) -> None:
    for _ in range(dice.randint(1, 6)):
        event = dice.choice(("add_point", "add_point", "add_point", "undo", "redo"))
        place = {"x": dice.uniform(0, SIZE[0]), "y": dice.uniform(0, SIZE[1]), "label": 1}
        frame_idx = dice.choice((0, 0, 3, 17, 30))
        ada.act(event, frame_idx, **(place if event == "add_point" else {}))


def run(page: Page) -> int:
    """Ask for a run of the page's own region; the op's seq."""
    pairs = [{"instance_id": 1, "region": REGIONS[page.client_id]}]
    ask = {"video_id": "clip", "pairs": pairs, "direction": "both", "force": True}
    return page.send("propagate", **ask)


def assert_done(page: Page, seq: int) -> None:
    job_id = page.wait(seq)["job_id"]
    page.until(lambda: job_id in {job["job_id"] for job in page.of("job_ended")})
    (state,) = {job["state"] for job in page.of("job_ended") if job["job_id"] == job_id}
    assert state == "done"


def seconds_until_served(server: LiveServer, page: Page, victim: str) -> float:
    """Measure from the kill to the next acknowledged command."""
    started_s = time.monotonic()
    if victim == "server":
        server.kill()
        server.start()
    else:
        for pid in server.session_pids:
            os.kill(pid, signal.SIGKILL)
    page.wait(page.act("add_point", 5, x=1.0, y=1.0, label=0))
    took_s = time.monotonic() - started_s
    assert took_s < BACK_S, server.tail()
    return took_s


def accepted(page: Page) -> list[int]:
    """Every acknowledged op that was not refused; runs that a restart repeats count once."""
    return sorted(seq for seq, ack in page.acks.items() if stored(ack))


def stored(ack: dict[str, Any]) -> bool:
    return ack["status"] != "rejected" and "video" not in ack


def undisturbed(calm: LiveServer, points: dict[int, Any]) -> dict[str, bytes]:
    """The masks of the same prompts in a fresh workspace that nothing ever happened to."""
    ada, bob = (Page(calm.url, name) for name in REGIONS)
    prepare(bob)
    for frame_idx, (clicks, _) in points.items():
        for click in clicks:
            ada.act("add_point", frame_idx, **click)
    for page in (bob, ada):
        assert_done(page, run(page))
        page.close()
    disk.until_whole(calm.dirs.outputs / "clip")
    return disk.mask_files(calm.dirs.outputs / "clip")
