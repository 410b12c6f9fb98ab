"""The wall clock of a running server jumps, by hours and by years, under clicks, runs and exports.

A library of a few lines, made with the machine's C compiler, stands between the server's processes
and the clock; files keep the times of the real one, as on a network's disk.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.request import urlopen

from tests.annotating import make_moving_clip
from tests.browser.server import LiveServer
from tests.journeys import disk
from tests.journeys.page import Page
from tests.journeys.test_kills import accepted, click_about
from tests.siege.attack import ENDED, Attack, ask, request, wait_for
from tests.workspace_dirs import WorkspaceDirs

FRAMES = 40
VIDEO = "/api/videos/clip"
SLACK_S = 1800  # a busy machine answers late; the smallest jump is longer
HOUR_S, DAY_S, YEAR_S = 3600, 86_400, 31_536_000
JUMPS_S = (0, HOUR_S, -HOUR_S, DAY_S, -DAY_S, 10 * YEAR_S, -10 * YEAR_S)  # from the real time
BYTES = 8  # of the offset in its file

LIBRARY = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile long long *offset_s;

__attribute__((constructor)) static void open_offset(void) {
    const char *path = getenv("SIEGE_CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *map = mmap(0, 8, PROT_READ, MAP_SHARED, file, 0);
    if (map != MAP_FAILED) offset_s = map;
    close(file);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(clock, now);
    if (!failed && offset_s && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += *offset_s;
    return failed;
}

int gettimeofday(struct timeval *now, void *zone) {
    struct timespec exact;
    int failed = clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return failed;
}

time_t time(time_t *kept) {
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (kept) *kept = exact.tv_sec;
    return exact.tv_sec;
}
"""


class Clock:
    """The clock of processes that were started inside `preloaded`."""

    def __init__(self, folder: Path) -> None:
        self._library, source = folder / "clock.so", folder / "clock.c"
        self._offset = folder / "offset"
        source.write_text(LIBRARY, encoding="utf-8")
        self._offset.write_bytes(bytes(BYTES))
        build = ["cc", "-shared", "-fPIC", "-O1", "-o", str(self._library), str(source), "-ldl"]
        subprocess.run(build, check=True)

    def jump_to(self, offset_s: int) -> None:
        """Set the clock so many seconds beside the real one."""
        with self._offset.open("r+b", buffering=0) as file:
            file.write(offset_s.to_bytes(BYTES, "little", signed=True))

    @contextmanager
    def preloaded(self) -> Iterator[None]:
        """Give the clock to processes started meanwhile."""
        ours = {"LD_PRELOAD": str(self._library), "SIEGE_CLOCK": str(self._offset)}
        os.environ.update(ours)
        try:
            yield
        finally:
            for name in ours:
                del os.environ[name]


def attack(run: Attack) -> None:
    """Let the clock jump again and again; nothing may be lost, restarted or kept waiting."""
    clock = Clock(run.folder)
    dirs = WorkspaceDirs.made_in(run.folder / "clock")
    make_moving_clip(dirs.videos / "clip.mp4", FRAMES)
    server = LiveServer(dirs, run.folder / "clock.log", "--precision", "fp32")
    with clock.preloaded():
        server.start()
    try:
        ada = Page(server.url, "ada")
        ada.until(lambda: ada.ask("open_video", video_id="clip")["video"]["state"] == "ready")
        ada.wait(ada.act("add_point", 0, region="shaft", x=40.0, y=40.0, label=1))
        before = server.session_pids
        while run.done < run.count:
            _jump(run, server, ada, clock)
            run.done += 1
        run.check(server.session_pids == before, "the session process was restarted")
        ada.settle()
        folder = dirs.outputs / "clip"
        disk.until_whole(folder)
        run.check(
            disk.ops_of(folder, "ada") == accepted(ada), "stored is not what was acknowledged"
        )
        ada.close()
    finally:
        server.stop()


def _jump(run: Attack, server: LiveServer, ada: Page, clock: Clock) -> None:
    """Begin a run and an export, let the clock jump in their midst, and wait for all of it."""
    dice, offset_s = run.dice, run.dice.choice(JUMPS_S)
    case = f"{run.done}: {offset_s:+} s"
    click_about(ada, dice)
    jobs = [
        ask(server, "POST", f"{VIDEO}/propagate", {"force": True})["job_id"],
        ask(server, "POST", f"{VIDEO}/exports", {"format": "coco"})["job_id"],
    ]
    time.sleep(dice.uniform(0, 0.5))
    clock.jump_to(offset_s)
    _require_jump(server, offset_s)
    seq = ada.act("add_point", dice.choice((0, 3, 17)), x=dice.uniform(20, 60), y=40.0, label=1)
    ack = ada.wait(seq)
    run.check(ack["status"] == "applied", f"{case}: a click: {ack!r:.200}")
    wait_for(lambda: seq in ada.masked_after_s)
    for job_id in jobs:
        wait_for(lambda job_id=job_id: _state(server, job_id) in ENDED)
        run.check(_state(server, job_id) == "done", f"{case}: {job_id} is {_state(server, job_id)}")
    ready = request(server, "GET", "/readyz")
    run.check(ready.status == 200, f"{case}: /readyz: {ready.body!r}")
    _delete_and_restore(run, server, case)


def _delete_and_restore(run: Attack, server: LiveServer, case: str) -> None:
    """Delete under one time, and bring back under another."""
    exports = ask(server, "GET", f"{VIDEO}/exports")["exports"]
    deleted = request(server, "DELETE", f"{VIDEO}/exports/{exports[-1]['export_id']}")
    run.check(deleted.status == 200, f"{case}: deletion: {deleted.status} {deleted.body[:200]!r}")
    if deleted.status == 200 and run.dice.random() < 0.5:
        path = f"/api/trash/{deleted.json['trash_id']}/restore"
        restored = request(server, "POST", path, {})
        run.check(restored.status == 200, f"{case}: restoring: {restored.body[:200]!r}")


def _require_jump(server: LiveServer, offset_s: int) -> None:
    """Raise RuntimeError if one of both processes has not this clock: nothing would be tried."""
    with urlopen(f"{server.url}/healthz") as answer:  # noqa: S310 - our own
        web_s = parsedate_to_datetime(answer.headers["Date"]).timestamp()
    made = ask(server, "POST", "/api/batches", {"name": "now", "video_ids": ["clip"]})
    ask(server, "DELETE", f"/api/batches/{made['batch_id']}")
    for name, seen_s in (("web", web_s), ("session", float(made["created_at"]))):
        if abs(seen_s - time.time() - offset_s) > SLACK_S:
            raise RuntimeError(f"The clock of the {name} process does not jump: {seen_s}")


def _state(server: LiveServer, job_id: str) -> str:
    answer = request(server, "GET", f"/api/jobs/{job_id}")
    return str(answer.json["state"]) if answer.status == 200 else f"{answer.status}"
