"""A background loop outlives its errors, and is seen when it cannot."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from engineio import Server
from engineio.socket import Socket
from flask import Flask

from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.hosts.inline import InlineHost
from sam2_session.loops import LOOPS, STUCK_AFTER, Loop, seen
from sam2_session.runtime import Signal, ThreadPool
from sam2_session.settings import Settings
from sam2_session.web.api.health import health_api
from sam2_session.web.pings import PingClock
from tests.hosts.echo import EchoServices
from tests.import_graph import PACKAGE, python_files

PATIENCE_S = 60.0


class Work:
    """Steps of a loop, failing as long as `fails` is set."""

    def __init__(self, name: str) -> None:
        self.fails = True
        self.closed = False
        self.steps = 0
        self.loop = Loop(self.step, name=name)

    def step(self) -> bool:
        self.steps += 1
        if self.fails and not self.closed:
            raise RuntimeError("a bug")
        time.sleep(0.01)
        return not self.closed

    def close(self) -> None:
        self.closed = True
        self.loop.join()


@pytest.fixture
def work() -> Iterator[Work]:
    made = Work("in vain")
    yield made
    made.close()


def until(condition: Callable[[], bool]) -> None:
    until_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < until_s, "it never happened"
        time.sleep(0.01)


def test_a_loop_goes_on_after_an_error(work: Work) -> None:
    before = LOOPS.errors()["all"]

    until(lambda: LOOPS.errors()["all"] > before)
    work.fails = False
    failed = work.steps

    until(lambda: work.steps > failed + 3)
    assert not work.loop.is_stuck
    assert LOOPS.errors()["in_vain"] >= 1


def test_readiness_and_metrics_name_a_loop_that_fails_again_and_again(work: Work) -> None:
    app = Flask(__name__)
    app.register_blueprint(health_api(InlineHost(EchoServices(Settings())), dict))
    client = app.test_client()

    until(lambda: client.get("/readyz").status_code == 503)

    assert client.get("/readyz").get_data() == b"failing again and again: in vain\n"
    assert work.steps >= STUCK_AFTER
    work.fails = False
    until(lambda: client.get("/readyz").status_code == 200)
    assert f"sam2_session_web_loop_errors_in_vain {LOOPS.errors()['in_vain']}".encode() in (
        client.get("/metrics").get_data()
    )


def test_a_loop_that_has_ended_is_not_stuck(work: Work) -> None:
    until(lambda: work.loop.is_stuck)

    work.close()

    assert "in vain" not in LOOPS.stuck()
    assert not work.loop.is_alive()


def test_a_listener_that_raises_stops_neither_the_others_nor_the_publisher() -> None:
    bus, heard = EventBus(), list[Event]()
    bus.subscribe(lambda _: 1 // 0)
    bus.subscribe(heard.append)

    bus.publish(Event(EventName.RESYNC))

    assert (len(heard), bus.errors) == (1, 1)


def divide(number: int) -> None:
    assert 1 / number


def test_a_task_of_a_pool_tells_its_error() -> None:
    before = LOOPS.errors().get("a_task", 0)
    with ThreadPool(1) as pool:
        pool.submit(seen(divide, "a task"), 0)

    assert LOOPS.errors()["a_task"] == before + 1


class DeafSocket(Socket):
    """A socket of a client that can be sent nothing."""

    def send(self, pkt: Any) -> None:
        raise RuntimeError("a bug of one socket")


class HeardSocket(Socket):
    """A socket that tells when a ping is sent."""

    def __init__(self, server: Any, sid: str) -> None:
        super().__init__(server, sid)
        self.heard = Signal()

    def send(self, pkt: Any) -> None:
        self.heard.set()


def test_pings_go_on_after_a_socket_that_fails() -> None:
    server = Server(async_mode="threading", ping_interval=0.01)
    clock, heard = PingClock(server), HeardSocket(server, "b")

    clock.start_task(DeafSocket(server, "a")._send_ping)
    clock.start_task(heard._send_ping)

    assert heard.heard.wait(PATIENCE_S)
    clock.close()
    assert LOOPS.errors()["pings"] >= 1


ONE_TASK = {  # threads that end with their task; all others are loops
    "bootstrap",
    "loops",
    "services.imports.import_job",
    "services.models.service",
    "services.recovery.recovery",
    "services.propagation.mask_writer",  # an error of it is raised by who fills its queue
    "web.sockets",
}


def test_threads_that_repeat_are_loops() -> None:
    spawning = {
        module.removeprefix(f"{PACKAGE}.")
        for module, path in python_files().items()
        if re.search(r"\bspawn\(", path.read_text(encoding="utf-8"))
    }

    assert spawning - {"runtime"} == ONE_TASK
