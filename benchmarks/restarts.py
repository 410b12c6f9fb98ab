"""Times how soon a killed server, or its session process, acknowledges clicks again."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

from benchmarks.socket_clients import SocketClient
from tests.browser.server import LiveServer

KILLS = 5
RETRY_S = 0.02
CLICK = {"frame_idx": 0, "x": 30.0, "y": 30.0, "label": 1}


async def session_restarts_s(server: LiveServer, video: str) -> list[float]:
    """Kill the session process several times; seconds to the next acknowledged click of each."""
    client = SocketClient(f"killer-{time.time_ns()}", server.port)
    await client.open(video)
    took_s = []
    for _ in range(KILLS):
        [pid] = server.session_pids
        began_s = time.perf_counter()
        os.kill(pid, signal.SIGKILL)
        await _click(client, video)
        took_s.append(time.perf_counter() - began_s)
    client.close()
    return took_s


async def server_restarts_s(server: LiveServer, video: str) -> list[float]:
    """Kill the server and start it again several times; the same seconds."""
    took_s = []
    for _ in range(KILLS):
        began_s = time.perf_counter()
        server.kill()
        server.start()
        client = SocketClient(f"killer-{time.time_ns()}", server.port)
        await client.open(video)
        await _click(client, video)
        took_s.append(time.perf_counter() - began_s)
        client.close()
    return took_s


async def _click(client: SocketClient, video: str) -> None:
    key = {"video_id": video, "instance_id": 1, "region": "overall"}
    while (await client.command("add_point", key=key, **CLICK))["status"] != "applied":
        await asyncio.sleep(RETRY_S)


def cpu_s(pid: int) -> float:
    """Seconds of CPU that a process has taken, of all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
