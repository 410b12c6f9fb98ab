"""Measures many clicks at once on a real server: ``python -m benchmarks.click_load``.

64 clients click twice a second on one video beside a run; 16 click as fast as they are
acknowledged, on one video and on four; one clicks on an empty video, and on full ones. Wall times
are those of this machine with whatever else it does: the CPU time of each process, its load and the
time of an fsync of the disk are printed beside them. In the end both processes are killed and
started again.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from benchmarks.click_videos import FULL_FRAMES, KEYPOINTS, SIZE, fill, make_clip
from benchmarks.restarts import cpu_s, server_restarts_s, session_restarts_s
from benchmarks.socket_clients import SocketClient
from tests.browser.server import LiveServer
from tests.workspace_dirs import WorkspaceDirs

PARTS = ("crowd", "speed", "full", "kills")
CLIENTS, RATE_HZ = 64, 2.0
FAST_CLIENTS = 16
FRAMES = 40
REGIONS = ("overall", "wrist", "shaft", "gripper")
VIDEOS = ("one", "two", "three", "four")
CLICKS_PER_FRAME = 8  # the last one clears it
FSYNCS = 40
SINGLE_CLICKS = 60
ACK_P95_MS, MASK_P95_MS, ONE_VIDEO_HZ, FOUR_VIDEOS_HZ, FULL_RATIO = 25.0, 300.0, 400.0, 800.0, 1.2
SLOPE_MB_H = 1.0
BACK_S = 3.0
WARM_UP_SHARE = 0.5  # of the time, before memory counts
READY_S = 600.0


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table; `bar` is what it should be, with its sign."""

    name: str
    value: float
    unit: str = ""
    bar: str = ""
    note: str = ""

    def __str__(self) -> str:
        return f"{self.name:44} {self.value:9.2f} {self.unit:6} {self.bar:8} {self.note}".rstrip()


def main(arguments: list[str] | None = None) -> None:
    """Measure, and print a row for each figure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--seconds", type=float, default=60.0, help="of the crowd; 600 for the bars"
    )
    parser.add_argument("--only", choices=PARTS, action="append")
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--async-mode", choices=("eventlet", "threading"), default="eventlet")
    options = parser.parse_args(arguments)
    wanted = options.only or [*PARTS]
    with tempfile.TemporaryDirectory() as name, _serving(Path(name), wanted, options) as server:
        print(Row("load of the machine", os.getloadavg()[0]), flush=True)
        print(Row("fsync of the disk, median", fsync_ms(Path(name)), "ms"), flush=True)
        for part, measure in (
            ("crowd", crowd),
            ("speed", speed),
            ("full", full),
            ("kills", kills),
        ):
            if part in wanted:
                for row in asyncio.run(measure(server, options)):
                    print(row, flush=True)
        print(Row("fsync of the disk, median", fsync_ms(Path(name)), "ms"))
        print(Row("load of the machine", os.getloadavg()[0]))


async def crowd(server: LiveServer, options: argparse.Namespace) -> list[Row]:
    """Let many clients click at their own pace on one video, beside a run."""
    clients = await _clients(server, "one", options.clients)
    runner = SocketClient("runner", server.port)
    await runner.open("one")
    running = asyncio.create_task(_run_for_ever(runner, "one"))
    before, sizes = _usage(server), list[tuple[float, dict[str, float]]]()
    began_s = time.monotonic()
    end_s, own_s = began_s + options.seconds, time.process_time()
    watching = asyncio.create_task(_watch_memory(server, sizes, began_s, end_s))
    await asyncio.gather(
        *(_click_at_pace(client, at, end_s, "one") for at, client in enumerate(clients))
    )
    await asyncio.sleep(2)
    spent, own_s = _spent(before, _usage(server)), time.process_time() - own_s
    running.cancel()
    await watching
    acked = [each * 1000 for client in clients for each in client.acked_s]
    masked = [each * 1000 for client in clients for each in client.masked_s]
    sent = sum(client.sent for client in clients)
    lost = sum(client.unacknowledged for client in clients)
    refused = sum(len(client.rejected) for client in clients)
    note = f"{options.clients} clients, {sent} clicks, {refused} refused"
    if cut := sum(client.was_cut for client in clients):
        note += f", {cut} connections cut"
    rows = [
        Row("crowd: clicks that were lost", lost, "", "= 0", note),
        Row("crowd: ack p50", median(acked), "ms"),
        Row("crowd: ack p95", _p95(acked), "ms", f"<= {ACK_P95_MS:g}"),
        Row("crowd: click to mask p50", median(masked), "ms"),
        Row("crowd: click to mask p95", _p95(masked), "ms", f"<= {MASK_P95_MS:g}"),
        *_cpu_rows("crowd", spent, sent),
        Row("crowd: CPU of the clients", own_s / sent * 1000, "ms", "", "for each click"),
        *_memory_rows(sizes, options.seconds),
    ]
    await _close([*clients, runner])
    return rows


async def speed(server: LiveServer, options: argparse.Namespace) -> list[Row]:
    """Let 16 clients click as fast as they are acknowledged, on one video and on four."""
    rows = []
    for videos, bar in ((VIDEOS[:1], ONE_VIDEO_HZ), (VIDEOS, FOUR_VIDEOS_HZ)):
        share = FAST_CLIENTS // len(videos)
        groups = [(video, await _clients(server, video, share)) for video in videos]
        clients = [client for _, group in groups for client in group]
        before, began_s = _usage(server), time.monotonic()
        end_s = began_s + max(5.0, options.seconds / 6)
        await asyncio.gather(
            *(
                _click_at_once(client, at, end_s, video)
                for video, group in groups
                for at, client in enumerate(group)
            )
        )
        took_s, spent = time.monotonic() - began_s, _spent(before, _usage(server))
        acked = [each * 1000 for client in clients for each in client.acked_s]
        name = f"speed, {len(videos)} videos"
        rows += [
            Row(f"{name}: acknowledgements", len(acked) / took_s, "/s", f">= {bar:g}"),
            Row(f"{name}: ack p50", median(acked), "ms"),
            Row(f"{name}: ack p95", _p95(acked), "ms"),
            *_cpu_rows(name, spent, len(acked)),
        ]
        await _close(clients)
    return rows


async def full(server: LiveServer, _: argparse.Namespace) -> list[Row]:
    """Let one client click on an empty video and on full ones, in turns."""
    pairs = (("empty", "keypoints"), ("empty", "prompts"))
    names = {"keypoints": f"{KEYPOINTS} keypoints", "prompts": f"{FULL_FRAMES} prompted frames"}
    rows = []
    for empty, crowded in pairs:
        clients = {video: (await _clients(server, video, 1))[0] for video in (empty, crowded)}
        click = _one_keypoint if crowded == "keypoints" else _one_click
        for turn in range(-5, SINGLE_CLICKS):
            for video, client in clients.items():
                await click(client, video, FRAMES - 1 - turn % 8)
            if turn < 0:
                for client in clients.values():
                    client.acked_s.clear()
        middle = {video: median(client.acked_s) * 1000 for video, client in clients.items()}
        least = {video: min(client.acked_s) * 1000 for video, client in clients.items()}
        ratio = middle[crowded] / middle[empty]
        note = f"p50 {middle[crowded]:.2f} / {middle[empty]:.2f} ms, "
        note += f"least {least[crowded]:.2f} / {least[empty]:.2f} ms"
        name = f"ack, {names[crowded]} / empty"
        rows.append(Row(name, ratio, "", f"<= {FULL_RATIO:g}", note))
        await _close(list(clients.values()))
    return rows


async def kills(server: LiveServer, _: argparse.Namespace) -> list[Row]:
    """Kill the session process, then the server, several times; how soon clicks are taken again."""
    rows = []
    for victim, restarts_s in (
        ("session process", session_restarts_s),
        ("server", server_restarts_s),
    ):
        took_s = await restarts_s(server, "one")
        note = f"{len(took_s)} kills, {max(took_s):.2f} s at most; session process: "
        note += f"{cpu_s(server.session_pids[0]):.2f} s of CPU"
        name = f"{victim} killed: serves again"
        rows.append(Row(name, median(took_s), "s", f"<= {BACK_S:g}", note))
    return rows


async def _click_at_pace(client: SocketClient, at: int, end_s: float, video: str) -> None:
    dice = random.Random(at)
    await asyncio.sleep(dice.uniform(0, 1 / RATE_HZ))
    due_s, turn = time.monotonic(), 0
    while due_s < end_s:
        event, data = _change(dice, at, turn, video)
        client.begin(event, **data)
        turn += 1
        due_s += 1 / RATE_HZ
        await asyncio.sleep(max(0.0, due_s - time.monotonic()))


async def _click_at_once(client: SocketClient, at: int, end_s: float, video: str) -> None:
    dice, turn = random.Random(at), 0
    while time.monotonic() < end_s:
        event, data = _change(dice, at, turn, video)
        await client.command(event, **data)
        turn += 1


async def _one_click(client: SocketClient, video: str, frame_idx: int) -> None:
    key = {"video_id": video, "instance_id": 1, "region": "overall"}
    await client.click("add_point", key=key, frame_idx=frame_idx, x=30.0, y=30.0, label=1)
    await client.click("clear_frame", key=key, frame_idx=frame_idx)


async def _one_keypoint(client: SocketClient, video: str, frame_idx: int) -> None:
    place = {"video_id": video, "instance_id": 1}
    ack = await client.command(
        "add_keypoint", **place, frame_idx=frame_idx, x=30.0, y=30.0, name="tip"
    )
    await client.command("remove_keypoint", **place, keypoint_id=ack["keypoint_id"])
    await asyncio.sleep(0.02)


def _change(dice: random.Random, at: int, turn: int, video: str) -> tuple[str, dict[str, Any]]:
    """Choose a client's next change: some clicks on a frame, which is then cleared."""
    frame_idx = (at // len(REGIONS) + turn // CLICKS_PER_FRAME) % FRAMES
    key = {"video_id": video, "instance_id": 1, "region": REGIONS[at % len(REGIONS)]}
    where = {"key": key, "frame_idx": frame_idx}
    if turn % CLICKS_PER_FRAME == CLICKS_PER_FRAME - 1:
        return "clear_frame", where
    place = {"x": dice.uniform(0, SIZE[0]), "y": dice.uniform(0, SIZE[1])}
    return "add_point", {**where, **place, "label": dice.choice((0, 1))}


async def _run_for_ever(runner: SocketClient, video: str) -> None:
    """Ask for the same run again and again: while it is under way it is not begun anew."""
    pairs = [{"instance_id": 1, "region": REGIONS[0]}]
    while True:
        await runner.command("propagate", video_id=video, pairs=pairs, force=True)
        await asyncio.sleep(1)


async def _clients(server: LiveServer, video: str, count: int) -> list[SocketClient]:
    clients = [SocketClient(f"{video}-{time.time_ns()}-{at}", server.port) for at in range(count)]
    for client in clients:
        await client.open(video)
    return clients


async def _close(clients: list[SocketClient]) -> None:
    for client in clients:
        client.close()
    await asyncio.sleep(1)


async def _watch_memory(
    server: LiveServer, sizes: list[tuple[float, dict[str, float]]], began_s: float, end_s: float
) -> None:
    while time.monotonic() < end_s:
        usage = _usage(server)
        sizes.append((time.monotonic() - began_s, {name: each[1] for name, each in usage.items()}))
        await asyncio.sleep(1)


def _memory_rows(sizes: list[tuple[float, dict[str, float]]], seconds: float) -> list[Row]:
    """Fit a line through the sizes of each process after warm-up."""
    late = [(at, size) for at, size in sizes if at > WARM_UP_SHARE * seconds]
    rows = []
    for name in late[0][1] if len(late) > 2 else ():
        times, values = [at for at, _ in late], [size[name] for _, size in late]
        mean_t, mean_v = sum(times) / len(times), sum(values) / len(values)
        spread = sum((at - mean_t) ** 2 for at in times)
        rise = sum((at - mean_t) * (v - mean_v) for at, v in zip(times, values, strict=True))
        note = f"{values[0]:.1f} to {values[-1]:.1f} MB in {times[-1] - times[0]:.0f} s"
        slope = rise / spread * 3600
        rows.append(Row(f"crowd: memory of the {name}", slope, "MB/h", f"<= {SLOPE_MB_H:g}", note))
    return rows


def _cpu_rows(what: str, spent: dict[str, float], clicks: int) -> list[Row]:
    return [
        Row(f"{what}: CPU of the {name}", cpu_s / clicks * 1000, "ms", "", "for each click")
        for name, cpu_s in spent.items()
    ]


def _usage(server: LiveServer) -> dict[str, tuple[float, float]]:
    """CPU seconds and MB resident of both processes."""
    pids = {"web process": server.pid, "session process": server.session_pids[0]}
    return {name: (cpu_s(pid), _resident_mb(pid)) for name, pid in pids.items()}


def _spent(
    before: dict[str, tuple[float, float]], after: dict[str, tuple[float, float]]
) -> dict[str, float]:
    return {name: after[name][0] - before[name][0] for name in after}


def _resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def fsync_ms(folder: Path) -> float:
    """Time appends of a page, each with an fsync."""
    times = []
    with (folder / "fsync").open("wb") as file:
        for _ in range(FSYNCS):
            began_s = time.perf_counter()
            file.write(bytes(4096))
            file.flush()
            os.fsync(file.fileno())
            times.append((time.perf_counter() - began_s) * 1000)
    return median(times)


@contextmanager
def _serving(folder: Path, wanted: list[str], options: argparse.Namespace) -> Iterator[LiveServer]:
    """Run a server on clips; full videos are filled before it starts."""
    dirs = WorkspaceDirs.made_in(folder)
    # an installed program has its bytecode, whatever the shell says: compiling takes half a start
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")
    videos = [*(VIDEOS if {"crowd", "speed", "kills"} & set(wanted) else ())]
    if "full" in wanted:
        videos += ["empty", "keypoints", "prompts"]
    for video in videos:
        frames = FULL_FRAMES + FRAMES if video == "prompts" else FRAMES
        make_clip(dirs.videos / f"{video}.mp4", frames)
    log = folder / "server.log"
    with LiveServer(dirs, log, "--async-mode", options.async_mode) as server:
        for video in videos:
            _until_extracted(server, video)
        if "full" in wanted:
            server.stop()
            fill(dirs.outputs, FRAMES)
            server.start()
        yield server
        if "Traceback" in log.read_text(errors="replace"):
            sys.stderr.write(server.tail())


def _until_extracted(server: LiveServer, video: str) -> None:
    asyncio.run(_open(server, video))
    end_s, url = time.monotonic() + READY_S, f"{server.url}/api/videos/{video}"
    while time.monotonic() < end_s:
        with urllib.request.urlopen(url) as answer:
            if json.load(answer)["state"] == "ready":
                return
        time.sleep(0.2)
    raise TimeoutError(video)


async def _open(server: LiveServer, video: str) -> None:
    await _close(await _clients(server, video, 1))


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]


if __name__ == "__main__":
    main()
