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
from tests.journeys import disk
from tests.journeys.page import Page
from tests.journeys.test_kills import accepted, click_about
from tests.siege.attack import (
    Answer,
    Attack,
    ask,
    form,
    has_open_jobs,
    request,
    wait_for,
    wait_for_model,
)
from tests.workspace_dirs import WorkspaceDirs

FRAMES = 40
CHECK_EVERY = 5  # actions
AGAIN = 0.7  # how likely another kill follows while the session process starts
START_S = 4.0  # about as long as it takes to start
VICTIMS = ("web", "session", "both")
OTHER = "/api/videos/other"
PAIR = "{}/instances/1/regions/overall"
FRAME_LOOKS = 50  # the server may be away meanwhile
POINTS = {"points": [{"x": 30, "y": 30, "label": 1}], "box": None}

Action = Callable[[LiveServer, random.Random], Answer]


def attack(run: Attack) -> None:
    """Kill again and again; compare what was acknowledged with what is stored.

    Who was killed is often killed again, once and more, while it starts and recovers.
    """
    dirs = WorkspaceDirs.made_in(run.folder / "kills")
    for name in ("clip", "other"):
        make_moving_clip(dirs.videos / f"{name}.mp4", FRAMES)
    with LiveServer(dirs, run.folder / "kills.log", "--precision", "fp32") as server:
        ada = Page(server.url, "ada")
        ada.until(lambda: ada.ask("open_video", video_id="clip")["video"]["state"] == "ready")
        prepare_other(server)
        rehearse(server, run.dice)
        salvos = 0
        while run.done < run.count:
            run.done += kill_in_midst(server, ada, run.dice, most=run.count - run.done)
            salvos += 1
            if salvos % CHECK_EVERY == 0 or run.done == run.count:
                compare(run, server, ada)
        ada.close()


def kill_in_midst(server: LiveServer, ada: Page, dice: random.Random, *, most: int) -> int:
    """Click, begin an action, kill a victim in its midst, and wait until clicks are taken again.

    Returns how often it killed: the session process is killed again as it comes up.
    """
    name = dice.choice(sorted(ACTIONS))
    worker = threading.Thread(target=ACTIONS[name], args=(server, random.Random(dice.random())))
    click_about(ada, dice)
    worker.start()
    time.sleep(dice.uniform(0, 0.8))
    victim, kills = dice.choice(VICTIMS), 1
    if victim != "web":
        kill_session_process(server)
    if victim != "session":
        server.kill()
        server.start()
    while kills < most and dice.random() < AGAIN:
        wait_for(lambda: server.session_pids)
        time.sleep(dice.uniform(0, START_S))
        kill_session_process(server)
        kills += 1
    ada.wait(ada.act("add_point", 5, x=1.0, y=1.0, label=0))
    worker.join()
    return kills


def kill_session_process(server: LiveServer) -> None:
    """Kill the session process of now, if there is one."""
    for pid in server.session_pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def compare(run: Attack, server: LiveServer, ada: Page) -> None:
    """Each acknowledged command is stored once, and the files are those of the database."""
    ada.settle()
    clip = server.dirs.outputs / "clip"
    restore_all(server)
    wait_for(lambda: not has_open_jobs(server))
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
    ask(server, "POST", f"{OTHER}/extract")
    wait_for(lambda: request(server, "GET", OTHER).json["state"] == "ready")
    wait_for_model(server)
    ask(server, "PUT", f"{PAIR.format(OTHER)}/prompts/0", POINTS)
    propagate(server, random.Random(0))


def rehearse(server: LiveServer, dice: random.Random) -> None:
    """Do each action once without a kill. Raises RuntimeError if one is refused."""
    for name, action in ACTIONS.items():
        answer = action(server, dice)
        if not 200 <= answer.status < 300:
            raise RuntimeError(f"{name}: {answer.status} {answer.body[:300]!r}")
        restore_all(server)


def restore_all(server: LiveServer) -> None:
    """Bring the other video back if it was deleted, and forget what was uploaded."""
    items = request(server, "GET", "/api/trash").json["items"]
    for item in items:
        if item["kind"] == "video" and item["video_id"] == "other":
            request(server, "POST", f"/api/trash/{item['trash_id']}/restore", {})
    for video in request(server, "GET", "/api/videos").json["videos"]:
        if video["video_id"] not in ("clip", "other") and video["video_id"][:5] != "clip-":
            request(server, "DELETE", f"/api/videos/{video['video_id']}")


def propagate(server: LiveServer, _: random.Random) -> Answer:
    return request(server, "POST", f"{OTHER}/propagate", {"force": True})


def roll_back(server: LiveServer, _: random.Random) -> Answer:
    answer = request(server, "GET", f"{OTHER}/runs")
    if answer.status == 200 and (runs := answer.json["runs"]):
        return request(server, "POST", f"{OTHER}/runs/{runs[0]['run']}/rollback", {})
    return answer


def undo(server: LiveServer, dice: random.Random) -> Answer:
    place = {"instance_id": 1, "region": "overall", "frame_idx": 0}
    point = {"x": dice.uniform(0, 60), "y": dice.uniform(0, 40), "label": 1}
    request(server, "PUT", f"{PAIR.format(OTHER)}/prompts/0", {"points": [point], "box": None})
    undone = request(server, "POST", f"{OTHER}/undo", place)
    if dice.random() < 0.5:
        request(server, "POST", f"{OTHER}/redo", place)
    return undone


def export(server: LiveServer, dice: random.Random) -> Answer:
    name = dice.choice(("coco", "masks_zip", "surgical"))
    return request(server, "POST", f"{OTHER}/exports", {"format": name})


def import_points(server: LiveServer, _: random.Random) -> Answer:
    path = server.dirs.outputs / "other/instance1/points_overall.json"
    try:
        body, kind = form("points_overall.json", path.read_bytes(), "{}")
    except OSError:  # the video is deleted
        return Answer(0)
    return request(server, "POST", f"{OTHER}/imports", body, kind)


def delete(server: LiveServer, _: random.Random) -> Answer:
    return request(server, "DELETE", OTHER)


def upload(server: LiveServer, dice: random.Random) -> Answer:
    data = (server.dirs.videos / "clip.mp4").read_bytes()
    body, kind = form(f"sent_{dice.randrange(10**6)}.mp4", data)
    return request(server, "POST", "/api/videos", body, kind)


def extract(server: LiveServer, dice: random.Random) -> Answer:
    copy = server.dirs.videos / f"put_{dice.randrange(10**6)}.mp4"
    shutil.copy(server.dirs.videos / "clip.mp4", copy)
    request(server, "GET", "/api/videos")
    return request(server, "POST", f"/api/videos/{copy.stem}/extract")


def batch(server: LiveServer, dice: random.Random) -> Answer:
    name = f"batch{dice.randrange(10**6)}"
    cut = {"name": name, "video_id": "clip", "cut": {"every_frames": 20}}
    made = request(server, "POST", "/api/batches", cut)
    if made.status != 201:
        return made
    segment = f"/api/videos/{made.json['items'][0]['video_id']}"
    request(server, "POST", f"{segment}/extract")
    for _ in range(FRAME_LOOKS):
        if request(server, "GET", f"{segment}/frames/0.jpg").status == 200:
            break
        time.sleep(0.1)
    request(server, "PUT", f"{PAIR.format(segment)}/prompts/0", POINTS)
    request(server, "POST", f"/api/batches/{name}/items/1/save")
    return request(server, "POST", f"/api/batches/{name}/process", {})


ACTIONS: dict[str, Action] = {
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
