"""The device thread: who is served when, and what waits behind whom."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import nullcontext
from typing import Any

import pytest

from sam2_session.core.errors import EngineClosed
from sam2_session.inference import scheduler
from sam2_session.inference.scheduler import Priority, Scheduler

QUIET_S = 0.3


class Device:
    """A scheduler whose thread is held by one task until `go`; it writes down who was served."""

    def __init__(self) -> None:
        self.scheduler = Scheduler(nullcontext)
        self.served: list[str] = []
        self._held = threading.Event()
        self.scheduler.submit(Priority.CLICK, self._held.wait)

    def ask(self, name: str, priority: Priority = Priority.CLICK, **owner: Any) -> Future[None]:
        return self.scheduler.submit(priority, lambda: self.served.append(name), **owner)

    def go(self, *futures: Future[None]) -> list[str]:
        self._held.set()
        for future in futures:
            future.result(60)
        return self.served

    def close(self) -> None:
        self._held.set()
        self.scheduler.close()


@pytest.fixture
def device() -> Iterator[Device]:
    device = Device()
    yield device
    device.close()


def until(condition: Callable[[], bool]) -> None:
    end_s = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end_s
        time.sleep(0.002)


def test_a_click_goes_before_everything_that_waits(device: Device) -> None:
    asked = [device.ask(priority.name, priority) for priority in reversed(Priority)]

    assert device.go(*asked) == ["CLICK", "LOOK", "STEP", "BATCH", "IDLE"]


def test_ten_clients_are_served_in_turn_however_many_clicks_one_sends(device: Device) -> None:
    flood = [device.ask(f"flood{n}", owner="flood") for n in range(20)]
    others = [device.ask(f"c{n}", owner=f"c{n}") for n in range(9)]

    served = device.go(*flood, *others)

    assert served[:11] == ["flood0", *(f"c{n}" for n in range(9)), "flood1"]
    assert served[11:] == [f"flood{n}" for n in range(2, 20)]


def test_a_click_in_mid_run_waits_for_one_step_at_most(device: Device) -> None:
    steps = [device.ask(f"step{n}", Priority.STEP) for n in range(5)]
    clicked = []
    steps[1].add_done_callback(lambda _: clicked.append(device.ask("click", owner="ada")))

    served = device.go(*steps, *clicked)

    assert served.index("click") == 2


def test_the_order_of_what_waits_can_be_asked_for(device: Device) -> None:
    until(lambda: device.scheduler.waiting() == 0)  # the holding task is at work
    step = device.ask("step", Priority.STEP)
    first, second = device.ask("a1", owner="a"), device.ask("a2", owner="a")
    other = device.ask("b1", owner="b")

    assert device.scheduler.order() == [first, other, second, step]
    assert device.scheduler.waiting() == 4


def test_idle_work_waits_until_nobody_has_asked_for_a_while(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduler, "QUIET_S", 3600.0)
    idle = device.ask("idle", Priority.IDLE)
    device.go()
    for n in range(8):  # a run: one step at a time, each asked for when the one before is done
        device.ask(f"step{n}", Priority.STEP).result(60)
    assert "idle" not in device.served

    monkeypatch.setattr(scheduler, "QUIET_S", QUIET_S)
    asked_s = time.monotonic()
    device.ask("last step", Priority.STEP).result(60)
    idle.result(60)

    assert time.monotonic() - asked_s >= QUIET_S


def test_a_cancelled_task_never_runs(device: Device) -> None:
    gone, kept = device.ask("gone"), device.ask("kept")

    assert gone.cancel()

    assert device.go(kept) == ["kept"]


def test_what_a_task_raises_reaches_who_asked_and_nobody_else(device: Device) -> None:
    bad = device.scheduler.submit(Priority.CLICK, lambda: 1 // 0)
    good = device.ask("good")

    assert device.go(good) == ["good"]
    with pytest.raises(ZeroDivisionError):
        bad.result(60)


def test_closing_ends_the_task_in_work_and_refuses_the_rest() -> None:
    device = Device()
    until(lambda: device.scheduler.waiting() == 0)
    waiting, gone = device.ask("waiting"), device.ask("gone")
    gone.cancel()
    closing = threading.Thread(target=device.scheduler.close)
    closing.start()
    until(lambda: is_closed(device))

    device.go()
    closing.join()

    assert isinstance(waiting.exception(5), EngineClosed)
    assert device.served == []


def is_closed(device: Device) -> bool:
    try:
        device.ask("late").cancel()
    except EngineClosed:
        return True
    return False
