"""Runs the services in a session process; starts that process, watches and restarts it."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sam2_session.core.errors import HostUnavailable
from sam2_session.core.events import Event, EventBus, EventName, Listener
from sam2_session.folders import child_environment
from sam2_session.hosts.base import DEFAULT_FACTORY, HostHealth
from sam2_session.hosts.link import Link, Stalled
from sam2_session.hosts.protocol import Channel
from sam2_session.hosts.silence import LOOK_EVERY_S, SilenceWatch
from sam2_session.loops import LOOPS, Loop
from sam2_session.options import BY_NAME
from sam2_session.runtime import Child, Condition, Signal, Socket, listen_unix, monotonic
from sam2_session.settings import Settings

CALL_WAIT_S = 10.0  # a call waits this long for the worker to start
START_S = 300.0  # the imports may come from a cold disk, and heartbeats start only after them
STALL_S = 300.0  # a process that sends heartbeats, but finishes nothing for so long, hangs
CLOSE_S = 2.0
NEVER_UP = "never up"
ACCEPT_POLL_S = 0.2
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0


class ProcessHost:
    """A `Host` whose services run in a child process, restarted after a crash."""

    def __init__(
        self,
        settings: Settings,
        *,
        factory: str = DEFAULT_FACTORY,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._look_every_s = look_every_s
        self._start = {"kind": "start", "factory": factory, "settings": settings.for_worker()}
        self._bus = EventBus()
        self._changed = Condition()
        self._health = HostHealth("starting")
        self._link: Link | None = None
        self._channel: Channel | None = None
        self._child: Child | None = None
        self._closing = Signal()
        self._pause_s = FIRST_PAUSE_S
        self._supervisor = Loop(self._supervise, name="host-supervisor")

    @property
    def pid(self) -> int | None:
        """The process id of the session process; None while there is none."""
        return self._child.pid if self._child else None

    def call(self, operation: str, /, **params: Any) -> Any:
        return self._ready_link().call(operation, params)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        return self._bus.subscribe(listener)

    def health(self) -> HostHealth:
        link = self._link
        return replace(self._health, stuck=(*LOOPS.stuck(), *(link.stuck if link else ())))

    def close(self) -> None:
        if self._closing.is_set():
            return
        self._closing.set()
        if not self._say_goodbye() or not self._ended(CLOSE_S):
            child = self._child
            if child is not None:
                child.kill()
        self._supervisor.join(CLOSE_S)
        self._set_health(HostHealth("closed", restarts=self._health.restarts))

    def _ready_link(self) -> Link:
        until_s = monotonic() + CALL_WAIT_S
        with self._changed:
            while self._link is None:
                left_s = until_s - monotonic()
                if self._closing.is_set() or left_s <= 0:
                    raise HostUnavailable(self._health.detail or "The session process is away.")
                self._changed.wait(left_s)
            return self._link

    def _say_goodbye(self) -> bool:
        """Ask the worker to close; return whether it could be reached."""
        channel = self._channel
        if self._link is None or channel is None:
            return False
        try:
            channel.send({"kind": "close"})
        except OSError:
            return False
        return True

    def _ended(self, timeout_s: float) -> bool:
        self._supervisor.join(timeout_s)
        return not self._supervisor.is_alive()

    def _supervise(self) -> bool:
        """Run one worker and pause, longer after each that was never ready; whether to go on."""
        if self._closing.is_set():
            return False
        detail = self._run_worker()
        if self._closing.is_set():
            return False
        self._set_health(HostHealth("restarting", detail, self._health.restarts + 1))
        stops = self._closing.wait(self._pause_s)
        self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)
        return not stops

    def _run_worker(self) -> str:
        """Run one worker until it ends, and return why it ended."""
        try:
            child, peer = self._start_child()
            reason = self._talk(Channel(peer), child) if peer else NEVER_UP
        finally:
            if self._child is not None:
                self._child.kill()
            self._child = None
        if reason is NEVER_UP:
            return f"The session process ended with {child.exit_code} before it was up."
        return reason or f"The session process ended with {child.exit_code}."

    def _start_child(self) -> tuple[Child, Socket | None]:
        """Start a worker, and wait until it connects; no socket if it ended before."""
        with TemporaryDirectory(prefix="sam2-session-") as folder:
            path = Path(folder) / "host.sock"
            listener = listen_unix(path)
            self._child = child = Child(_command(path), _environment())
            return child, self._accept(listener, child)

    def _accept(self, listener: Socket, child: Child) -> Socket | None:
        listener.settimeout(ACCEPT_POLL_S)
        with listener:
            while child.exit_code is None and not self._closing.is_set():
                try:
                    return listener.accept()[0]
                except TimeoutError:
                    continue
        return None

    def _talk(self, channel: Channel, child: Child) -> str:
        link = Link(channel, self._bus.publish, stall_s=STALL_S)
        self._channel = channel
        try:
            channel.set_timeout(START_S)
            channel.send(self._start)
            return self._listen(channel, link, SilenceWatch(child.pid, self._look_every_s))
        except EOFError:
            child.wait(CLOSE_S)
            return ""
        except (TimeoutError, Stalled) as error:
            child.send_signal(signal.SIGUSR1)  # it prints the stack of every thread
            child.wait(ACCEPT_POLL_S)
            return f"The session process hung and was ended ({error})."
        except OSError as error:
            return f"The connection to the session process broke ({error})."
        finally:
            self._link = self._channel = None
            link.fail()
            channel.close()

    def _listen(self, channel: Channel, link: Link, watch: SilenceWatch) -> str:
        while True:
            message = channel.receive()
            watch.heard()
            if message["kind"] == "failed":
                return str(message["error"]["message"])
            if message["kind"] == "ready":
                channel.set_timeout(self._look_every_s, watch.look)
                self._link = link
                self._pause_s = FIRST_PAUSE_S
                self._set_health(HostHealth("ready", restarts=self._health.restarts))
            link.take(message)

    def _set_health(self, health: HostHealth) -> None:
        with self._changed:
            self._health = health
            self._changed.notify_all()
        self._bus.publish(Event(EventName.HOST_STATE, health.to_wire()))


def _command(path: Path) -> list[str]:
    # -P: import nothing from the current folder, whatever lies there under our names
    return [sys.executable, "-P", "-m", "sam2_session.hosts.worker", "--socket", str(path)]


def _environment() -> dict[str, str]:
    environ = child_environment()
    environ.pop(BY_NAME["token"].variable, None)  # the session process has no use for the secret
    # Idle OpenMP threads would spin on the cores that decode and encode need: ten times slower.
    environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    return environ
