"""Locks are taken in one order; the debug build of them sees a circle before it is a deadlock."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sam2_session import lock_order
from sam2_session.lock_order import CheckedLock, LockOrder
from tests.import_graph import ROOT


@pytest.fixture
def order(monkeypatch: pytest.MonkeyPatch) -> LockOrder:
    made = LockOrder()
    monkeypatch.setattr(lock_order, "LOCK_ORDER", made)
    return made


def test_two_orders_of_two_locks_are_a_circle(order: LockOrder) -> None:
    one = CheckedLock()
    two = CheckedLock()
    with one, two:
        pass
    assert order.circles == []

    with two, one:
        pass

    [circle] = order.circles
    assert [site.split(":")[0] for site in circle.split(" -> ")][0].endswith("are_a_circle")


def test_a_lock_that_is_only_tried_for_makes_no_circle(order: LockOrder) -> None:
    one = CheckedLock()
    two = CheckedLock(reentrant=True)
    with one, two, two:
        pass

    with two:
        assert one.acquire(blocking=False)
        one.release()

    assert order.circles == []


def test_a_condition_holds_nothing_while_it_waits(order: LockOrder) -> None:
    lock = CheckedLock()
    changed = threading.Condition(CheckedLock(reentrant=True))  # type: ignore[arg-type]

    with changed:
        changed.wait(0.01)
        with lock:
            pass
    with lock:
        pass

    assert order.circles == []
    assert len(order.edges()) == 1


@pytest.mark.slow
def test_many_operations_at_once_take_locks_in_one_order(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.many_operations", str(tmp_path)],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), lock_order.VARIABLE: "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )

    assert done.returncode == 0, done.stdout + done.stderr[-8000:]
    assert "locks in" in done.stdout
