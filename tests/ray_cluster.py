"""A real Ray cluster on this machine: a head and nodes, each a process of its own."""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests import processes

RAY_MISSING = importlib.util.find_spec("ray") is None
needs_ray = pytest.mark.skipif(RAY_MISSING, reason="ray is not installed: requirements-ray.txt")
OBJECT_STORE_BYTES = 80 * 1024 * 1024
START_S = 300.0
HASTE = -19  # Ray ends a node whose agents take more than 15 s to start, however busy the cores are
TRIES = 4


class RayCluster:
    """Starts a head without devices; `add_node` adds nodes of one CPU each."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ray-"))  # short: it holds sockets
        self.address = f"127.0.0.1:{processes.free_port()}"
        self.environ = {
            **os.environ,
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN": secrets.token_hex(16),  # it marks the processes of this cluster, too
            # Other tests may keep the cores busy: what starts slowly is not dead.
            "RAY_raylet_start_wait_time_s": "300",
            "RAY_agent_register_timeout_ms": "300000",
            "RAY_worker_register_timeout_seconds": "300",
            "RAY_health_check_failure_threshold": "20",
            "RAY_worker_niceness": "0",
            "PYTHONPATH": str(Path(__file__).parents[1]),
        }
        self.nodes: list[subprocess.Popen[bytes]] = []
        port = self.address.rpartition(":")[2]
        head = ["--head", "--no-monitor", f"--port={port}", "--num-cpus=0", "--num-gpus=0"]
        self._started: list[subprocess.Popen[bytes]] = []
        self._start(*head, "--include-dashboard=false", f"--temp-dir={self.folder}")

    def add_node(self) -> subprocess.Popen[bytes]:
        """Start a node; it is there once the gateway sees its actor."""
        node = self._start(f"--address={self.address}", "--num-cpus=1", "--num-gpus=0")
        self.nodes.append(node)
        return node

    def actors(self, node: subprocess.Popen[bytes] | None = None) -> list[int]:
        """The process ids of session actors, of all nodes or of one."""
        groups = [started.pid for started in ([node] if node else self._started)]
        return [
            pid
            for group in groups
            for pid, command in processes.descendants(group).items()
            if "SessionActor" in command or command.startswith("ray::session-")
        ]

    def kill_node(self, node: subprocess.Popen[bytes]) -> None:
        """Kill a node with everything on it, as if its power went."""
        self._end(node)
        self.nodes.remove(node)

    def close(self) -> None:
        """End every process that was started, by its id."""
        token = f"RAY_AUTH_TOKEN={self.environ['RAY_AUTH_TOKEN']}".encode()
        for started in self._started:
            started.kill()
            started.wait()
        for pid in _with_variable(token):
            _kill(pid)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self, *options: str) -> subprocess.Popen[bytes]:
        for _ in range(TRIES):
            if started := self._try_to_start(*options):
                return started
        self.close()
        raise AssertionError("Ray does not start")

    def _try_to_start(self, *options: str) -> subprocess.Popen[bytes] | None:
        command = [
            str(Path(sys.executable).with_name("ray")),
            "start",
            *options,
            "--include-log-monitor=false",
            f"--object-store-memory={OBJECT_STORE_BYTES}",
            "--disable-usage-stats",
            "--block",
        ]
        log = self.folder / f"start-{secrets.token_hex(2)}.log"
        with log.open("wb") as output:
            started = subprocess.Popen(
                command, env=self.environ, stdout=output, stderr=output, preexec_fn=_hurry
            )
        self._started.append(started)
        processes.shared.add(started.pid)
        until_s = time.monotonic() + START_S
        while "--block" not in log.read_text(errors="replace") and time.monotonic() < until_s:
            if started.poll() is not None or _lost_its_raylet(started.pid):
                break
            time.sleep(0.1)
        else:
            _hurry(started.pid, 0)
            return started
        sys.stderr.write(log.read_text(errors="replace")[-2000:])
        self._end(started)
        return None

    def _end(self, started: subprocess.Popen[bytes]) -> None:
        for pid in [*processes.descendants(started.pid), started.pid]:
            _kill(pid)
        started.wait()
        self._started.remove(started)


@contextmanager
def running_cluster(nodes: int = 0) -> Iterator[RayCluster]:
    """A head and nodes; until the end, this process and its children belong to the cluster."""
    cluster = RayCluster()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in cluster.environ.items():
            if name.startswith("RAY_"):
                patch.setenv(name, value)
        try:
            for _ in range(nodes):
                cluster.add_node()
            yield cluster
        finally:
            cluster.close()


def _hurry(pid: int | None = None, niceness: int = HASTE) -> None:
    """Give a new session of processes, or that of a process, its share of the cores."""
    if pid is None:
        os.setsid()
    with suppress(OSError):  # the kernel knows no groups, or this user may not
        Path(f"/proc/{pid or 'self'}/autogroup").write_text(str(niceness))


def _lost_its_raylet(pid: int) -> bool:
    """Return whether a node's raylet has ended: `ray start` waits for it all the same."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    states = [Path(f"/proc/{child}/stat").read_text() for child in children]
    return any("(raylet) Z" in state for state in states)


def _with_variable(text: bytes) -> list[int]:
    """The processes that were started with a variable of the environment."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if text in path.read_bytes().split(b"\0"):
                found.append(int(path.parent.name))
        except OSError:  # it has ended, or is another user's
            continue
    return [pid for pid in found if pid != os.getpid()]


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
