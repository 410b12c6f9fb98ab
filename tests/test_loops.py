"""A background loop outlives its errors, and is seen when it cannot."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.hosts.inline import InlineHost
from sam2_session.loops import LOOPS, STUCK_AFTER, Loop
from sam2_session.settings import Settings
from sam2_session.web.api.health import health_api
from tests.hosts.echo import EchoServices

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
