"""SIGKILL of the web process, the session process, or both, in the midst of work."""

from __future__ import annotations

import os
import random
import shutil
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from tests.annotating import make_moving_clip
from tests.browser.server import LiveServer
from tests.conftest import WorkspaceDirs
from tests.journeys import disk
from tests.journeys.page import Page
from tests.journeys.test_kills import accepted, click_about
from tests.siege.attack import Attack, form, request, wait_for

FRAMES = 40
CHECK_EVERY = 10
VICTIMS = ("web", "session", "both")
OTHER = "/api/videos/other"
POINTS = {"points": [{"x": 30, "y": 30, "label": 1}], "box": None}

Work = Callable[[LiveServer, random.Random], None]


def attack(run: Attack) -> None:
    """Kill again and again; compare what was acknowledged with what is stored."""
    dirs = WorkspaceDirs.made_in(run.folder / "kills")
    for name in ("clip", "other"):
        make_moving_clip(dirs.videos / f"{name}.mp4", FRAMES)
    with LiveServer(dirs, run.folder / "kills.log", "--precision", "fp32") as server:
        ada = Page(server.url, "ada")
        ada.until(lambda: ada.ask("open_video", video_id="clip")["video"]["state"] == "ready")
        prepare_other(server)
        while run.done < run.count:
            kill_once(server, ada, run.dice)
            run.done += 1
            if run.done % CHECK_EVERY == 0 or run.done == run.count:
                compare(run, server, ada)
        ada.close()


def kill_once(server: LiveServer, ada: Page, dice: random.Random) -> None:
    """Click, begin a work, kill a victim in its midst, and wait until clicks are taken again."""
    name = dice.choice(sorted(WORKS))
    worker = threading.Thread(target=WORKS[name], args=(server, random.Random(dice.random())))
    click_about(ada, dice)
    worker.start()
    time.sleep(dice.uniform(0, 0.8))
    victim = dice.choice(VICTIMS)
    if victim != "web":
        for pid in server.session_pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    if victim != "session":
        server.kill()
        server.start()
    ada.wait(ada.act("add_point", 5, x=1.0, y=1.0, label=0))
    worker.join()


def compare(run: Attack, server: LiveServer, ada: Page) -> None:
    """Each acknowledged command is stored once, and the files are those of the database."""
    ada.settle()
    clip = server.dirs.outputs / "clip"
    restore_all(server)
    for folder in (clip, server.dirs.outputs / "other"):
        try:
            disk.until_whole(folder)
        except (AssertionError, OSError, ValueError) as error:
            run.found.append(f"{run.done} kills: {folder.name} is not whole: {error}"[:600])
    stored, acked = disk.ops_of(clip, ada.client_id), accepted(ada)
    lost, doubled = set(acked) - set(stored), len(stored) - len(set(stored))
    run.check(not lost, f"{run.done} kills: lost {sorted(lost)[:5]}")
    run.check(not doubled, f"{run.done} kills: {doubled} applied twice")


def prepare_other(server: LiveServer) -> None:
    """A click and a run on the video that is worked on beside."""
    request(server, "POST", f"{OTHER}/extract")
    wait_for(lambda: request(server, "GET", OTHER).json["state"] == "ready")
    pair = f"{OTHER}/instances/1/regions/overall"
    answer = request(server, "PUT", f"{pair}/prompts/0", POINTS)
    if answer.status != 200:
        raise RuntimeError(f"The other video takes no click: {answer.body[:200]!r}")
    propagate(server, random.Random(0))


def restore_all(server: LiveServer) -> None:
    """Bring the other video back if it was deleted, and forget what was uploaded."""
    items = request(server, "GET", "/api/trash").json["items"]
    for item in items:
        if item["kind"] == "video" and item["video_id"] == "other":
            request(server, "POST", f"/api/trash/{item['trash_id']}/restore", {})
    for video in request(server, "GET", "/api/videos").json["videos"]:
        if video["video_id"] not in ("clip", "other") and video["video_id"][:5] != "clip-":
            request(server, "DELETE", f"/api/videos/{video['video_id']}")


def propagate(server: LiveServer, _: random.Random) -> None:
    request(server, "POST", f"{OTHER}/propagate", {"force": True})


def roll_back(server: LiveServer, _: random.Random) -> None:
    answer = request(server, "GET", f"{OTHER}/runs")
    if answer.status == 200 and (runs := answer.json["runs"]):
        request(server, "POST", f"{OTHER}/runs/{runs[0]['run']}/rollback", {})


def undo(server: LiveServer, dice: random.Random) -> None:
    change = {"instance_id": 1, "region": "overall", "frame_idx": 0}
    request(server, "POST", f"{OTHER}/{dice.choice(('undo', 'redo'))}", change)


def export(server: LiveServer, dice: random.Random) -> None:
    kind = dice.choice(("coco", "png_masks", "native"))
    request(server, "POST", f"{OTHER}/exports", {"format": kind})


def import_points(server: LiveServer, _: random.Random) -> None:
    path = server.dirs.outputs / "other/instance1/points_overall.json"
    with suppress(OSError):
        body, kind = form("points_overall.json", path.read_bytes(), "{}")
        request(server, "POST", f"{OTHER}/imports", body, kind)


def delete(server: LiveServer, _: random.Random) -> None:
    request(server, "DELETE", OTHER)


def upload(server: LiveServer, dice: random.Random) -> None:
    data = (server.dirs.videos / "clip.mp4").read_bytes()
    body, kind = form(f"sent_{dice.randrange(10**6)}.mp4", data)
    request(server, "POST", "/api/videos", body, kind)


def extract(server: LiveServer, dice: random.Random) -> None:
    copy = server.dirs.videos / f"put_{dice.randrange(10**6)}.mp4"
    shutil.copy(server.dirs.videos / "clip.mp4", copy)
    request(server, "GET", "/api/videos")
    request(server, "POST", f"/api/videos/{copy.stem}/extract")


def batch(server: LiveServer, dice: random.Random) -> None:
    name = f"batch{dice.randrange(10**6)}"
    cut = {"name": name, "video_id": "clip", "cut": {"every_frames": 20}}
    made = request(server, "POST", "/api/batches", cut)
    if made.status == 201:
        segment = f"/api/videos/{made.json['items'][0]['video_id']}"
        request(server, "POST", f"{segment}/extract")  # of the first batch it comes too late
        request(server, "PUT", f"{segment}/instances/1/regions/overall/prompts/0", POINTS)
        request(server, "POST", f"/api/batches/{name}/items/1/save")
        request(server, "POST", f"/api/batches/{name}/process", {})


WORKS: dict[str, Work] = {
    "batch": batch,
    "delete": delete,
    "export": export,
    "extract": extract,
    "import": import_points,
    "roll_back": roll_back,
    "run": propagate,
    "undo": undo,
    "upload": upload,
}
