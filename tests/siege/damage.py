"""Every file we keep, damaged under a running server, which is killed after.

In nine ways, and a JSON file in a tenth: with a value that this program never wrote.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from tests.annotating import make_moving_clip
from tests.browser.server import LiveServer
from tests.documents import MARK, RUBBISH, paths_in, with_value
from tests.siege.attack import (
    Answer,
    Attack,
    ask,
    has_open_jobs,
    request,
    wait_for,
    wait_for_model,
)
from tests.workspace_dirs import WorkspaceDirs

POINTS = {"points": [{"x": 30, "y": 30, "label": 1}], "box": None}
PAIR = "/api/videos/{}/instances/1/regions/overall"
KEYPOINTS = {"keypoints": [{"frame_idx": 0, "x": 5, "y": 6, "name": "tip"}]}
RULES = {"whole": "overall", "parts": ["shaft"], "inside": True}
AT_ONCE = 6  # videos with a damaged file each: a start and a kill is most of what a case takes
VICTIMS = [f"clip{number}" for number in range(AT_ONCE)]
VIDEO_READS = (
    "",
    "/instances",
    "/frames/3.jpg",
    "/suspicions",
    "/suspicions/curves",
    "/runs",
    "/exports",
    "/imports",
    "/frames.json",
    "/report.html",
    "/instances/1/keypoints",
    "/instances/1/regions/overall/prompts",
    "/instances/1/regions/overall/masks",
    "/instances/1/regions/overall/masks/0.png",
    "/instances/1/regions/overall/masks/5.png",
)
READS = (
    "/api/videos",
    "/api/batches",
    "/api/batches/both",
    "/api/trash",
    "/api/regions",
    "/api/region-rules",
    "/api/classes",
    "/api/jobs",
)


def cut(path: Path, _: random.Random) -> None:
    os.truncate(path, path.stat().st_size // 2)


def noise(path: Path, dice: random.Random) -> None:
    path.write_bytes(dice.randbytes(max(1, path.stat().st_size)))


def zeros(path: Path, _: random.Random) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def flip(path: Path, dice: random.Random) -> None:
    content = bytearray(path.read_bytes() or b"\0")
    content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    path.write_bytes(content)


def grow(path: Path, dice: random.Random) -> None:
    path.write_bytes(path.read_bytes() + dice.randbytes(1000))


def become_folder(path: Path, _: random.Random) -> None:
    path.unlink()
    path.mkdir()


def lead_nowhere(path: Path, _: random.Random) -> None:
    path.unlink()
    path.symlink_to("nowhere")


def change_value(path: Path, dice: random.Random) -> None:
    """Put rubbish in the place of a value of a JSON file; a bit of any other file is flipped."""
    try:
        document = json.loads(path.read_bytes())
        places = list(paths_in(document))
    except (ValueError, AttributeError, TypeError):
        places = []
    if not places:
        return flip(path, dice)
    text = json.dumps(with_value(document, dice.choice(places), MARK))
    path.write_text(text.replace(json.dumps(MARK), dice.choice(RUBBISH)))
    return None


KINDS: dict[str, Callable[[Path, random.Random], Any]] = {
    "removed": lambda path, _: path.unlink(),
    "empty": lambda path, _: path.write_bytes(b""),
    "half": cut,
    "noise": noise,
    "zeros": zeros,
    "a bit flipped": flip,
    "longer": grow,
    "a folder": become_folder,
    "a broken link": lead_nowhere,
    "a changed value": change_value,
}


class Case(NamedTuple):
    """A file below outputs/, how it is damaged, and the video it belongs to, if any."""

    path: Path
    kind: str
    video_id: str | None

    def __str__(self) -> str:
        return f"{self.path}, {self.kind}"


def attack(run: Attack) -> None:
    """Damage a file of each of several videos; the rest must go on, and an error have a name."""
    dirs = WorkspaceDirs.made_in(run.folder / "damage")
    for name in (*VICTIMS, "sound"):
        make_moving_clip(dirs.videos / f"{name}.mp4")
    log = run.folder / "damage.log"
    with LiveServer(dirs, log) as server:
        _annotate(server)
    whole = run.folder / "whole"
    shutil.copytree(dirs.outputs, whole, symlinks=True)
    cases = _cases(whole)
    run.dice.shuffle(cases)
    with LiveServer(dirs, log) as server:
        wait_for_model(server)
        for url in _urls(VICTIMS):  # undamaged, everything can be read
            ask(server, "GET", url)
        while run.done < run.count:
            some = [_as_victim(cases, at) for at in range(min(AT_ONCE, run.count - run.done))]
            _try(run, server, some)
            _bring_back(server, whole)
            run.done += len(some)


def _cases(whole: Path) -> list[Case]:
    """Every file of the first video and of none, each with every kind of damage."""
    files = sorted(path.relative_to(whole) for path in whole.rglob("*") if path.is_file())
    others = {*VICTIMS[1:], "sound"}
    chosen = [path for path in _of_every_kind(files) if path.parts[0] not in others]
    return [
        Case(path, kind, VICTIMS[0] if path.parts[0] == VICTIMS[0] else None)
        for path in chosen
        for kind in KINDS
    ]


def _as_victim(cases: list[Case], at: int) -> Case:
    """Take the next case, for the video of this number; a case that was tried comes last again."""
    case = cases.pop(0)
    cases.append(case)
    if case.video_id is None:
        return case
    return Case(Path(VICTIMS[at], *case.path.parts[1:]), case.kind, VICTIMS[at])


def _urls(video_ids: Iterable[str]) -> list[str]:
    return [*READS, *(f"/api/videos/{name}{rest}" for name in video_ids for rest in VIDEO_READS)]


def _of_every_kind(files: list[Path]) -> list[Path]:
    """The first two files of each folder and suffix: they are all of a kind."""
    seen: dict[tuple[Path, str], int] = {}
    chosen = []
    for path in files:
        kind = (path.parent, path.suffix)
        seen[kind] = seen.get(kind, 0) + 1
        if seen[kind] <= 2:
            chosen.append(path)
    return chosen


def _annotate(server: LiveServer) -> None:
    wait_for_model(server)
    names = (*VICTIMS, "sound")
    for name in names:
        ask(server, "POST", f"/api/videos/{name}/extract")
        wait_for(lambda name=name: _state(server, name) == "ready")
        ask(server, "PUT", f"{PAIR.format(name)}/prompts/0", POINTS)
        ask(server, "PUT", f"/api/videos/{name}/instances/1/keypoints", KEYPOINTS)
        ask(server, "POST", f"/api/videos/{name}/propagate", {"force": True})
    ask(server, "POST", "/api/batches", {"name": "both", "video_ids": list(names)})
    ask(server, "POST", "/api/regions", {"label": "Tip"})
    ask(server, "POST", "/api/classes", {"name": "tongs"})
    ask(server, "PUT", "/api/region-rules", {"rules": RULES})
    wait_for(lambda: not has_open_jobs(server))
    for name in VICTIMS:
        ask(server, "DELETE", f"{PAIR.format(name)}/masks")
        ask(server, "POST", f"/api/videos/{name}/propagate", {"force": True})
        ask(server, "POST", f"/api/videos/{name}/exports", {"format": "coco"})
    wait_for(lambda: not has_open_jobs(server))


def _try(run: Attack, server: LiveServer, cases: list[Case]) -> None:
    for case in cases:
        with suppress(FileNotFoundError):  # it is there only while a video is open
            KINDS[case.kind](server.dirs.outputs / case.path, run.dice)
    _look(run, server, cases, "")
    _end_session_process(server)
    _look(run, server, cases, ", after a kill")


def _look(run: Attack, server: LiveServer, cases: list[Case], when: str) -> None:
    """Read all there is, and annotate the damaged videos and the other one."""
    victims = [case.video_id or VICTIMS[0] for case in cases]
    about = "; ".join(map(str, cases)) + when
    for url in READS:
        answer = request(server, "GET", url)
        run.check(answer.is_clean, f"{about}: {url}: {_told(answer)}")
    for name, case in zip(victims, cases, strict=True):
        for rest in VIDEO_READS:
            answer = request(server, "GET", f"/api/videos/{name}{rest}")
            run.check(answer.is_clean, f"{case}{when}: {rest}: {_told(answer)}")
        opened = request(server, "POST", f"/api/videos/{name}/extract")
        run.check(opened.is_clean, f"{case}{when}: opening: {_told(opened)}")
        own = request(server, "PUT", f"{PAIR.format(name)}/prompts/1", POINTS)
        run.check(own.is_clean, f"{case}{when}: a click: {_told(own)}")
    run.check(_state(server, "sound") == "ready", f"{about}: the other video is not ready")
    other = request(server, "PUT", f"{PAIR.format('sound')}/prompts/1", POINTS)
    run.check(other.status == 200, f"{about}: a click on the other video: {_told(other)}")


def _told(answer: Answer) -> str:
    return f"{answer.status} {answer.body[:160]!r}"


def _state(server: LiveServer, name: str) -> str:
    answer = request(server, "GET", f"/api/videos/{name}")
    return str(answer.json["state"]) if answer.status == 200 else f"{answer.status}"


def _bring_back(server: LiveServer, whole: Path) -> None:
    """Put everything back as it was while no session process runs on it."""
    server.stop(signal.SIGKILL)
    shutil.rmtree(server.dirs.outputs)
    shutil.copytree(whole, server.dirs.outputs, symlinks=True)
    server.start()
    wait_for_model(server)


def _end_session_process(server: LiveServer) -> None:
    before = server.session_pids
    for pid in before:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait_for(lambda: server.session_pids not in (before, []))
    wait_for(lambda: request(server, "GET", "/readyz").status == 200)
    wait_for_model(server)
