"""The lock of a video: shared by clicks, exclusive for all else."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from sam2_session.services.projects.change_lock import ChangeLock

SOON_S = 0.2  # long enough for a thread that could go on to do so
END_S = 60.0


def started(target: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=target)
    thread.start()
    return thread


def hold_shared(lock: ChangeLock, inside: threading.Event, leave: threading.Event) -> None:
    with lock.shared():
        inside.set()
        leave.wait(END_S)


def test_two_share_it_at_the_same_time() -> None:
    lock, both = ChangeLock(), threading.Barrier(2, timeout=END_S)

    def share() -> None:
        with lock.shared():
            both.wait()

    threads = [started(share) for _ in range(2)]
    for thread in threads:
        thread.join(END_S)

    assert not both.broken


def test_who_holds_it_alone_waits_for_all_who_share_it() -> None:
    lock, inside, leave = ChangeLock(), threading.Event(), threading.Event()
    alone = threading.Event()
    sharer = started(lambda: hold_shared(lock, inside, leave))
    inside.wait(END_S)

    def take() -> None:
        with lock:
            alone.set()

    taker = started(take)
    assert not alone.wait(SOON_S)
    assert not lock.acquire(blocking=False)
    leave.set()
    taker.join(END_S)
    sharer.join(END_S)

    assert alone.is_set()


def test_nobody_shares_it_while_one_holds_it_alone() -> None:
    lock, inside, leave = ChangeLock(), threading.Event(), threading.Event()
    with lock, lock:
        sharer = started(lambda: hold_shared(lock, inside, leave))
        assert not inside.wait(SOON_S)
        with lock.shared():  # its holder goes on
            pass
        leave.set()
    sharer.join(END_S)

    assert inside.is_set()


def test_clicks_go_on_while_files_are_put_in_place_and_nobody_else() -> None:
    lock, inside, leave = ChangeLock(), threading.Event(), threading.Event()
    alone = threading.Event()

    def take() -> None:
        with lock.for_files(), lock:
            alone.set()

    with lock.for_files():
        sharer = started(lambda: hold_shared(lock, inside, leave))
        assert inside.wait(END_S)
        taker = started(take)
        assert not alone.wait(SOON_S)
    assert not alone.wait(SOON_S)  # the sharer is still there
    leave.set()
    taker.join(END_S)
    sharer.join(END_S)

    assert alone.is_set()


def test_neither_sharers_nor_the_others_starve() -> None:
    lock, done = ChangeLock(), threading.Event()
    turns = {"shared": 0, "alone": 0}

    def share() -> None:
        while not done.is_set():
            with lock.shared():
                turns["shared"] += 1

    def take() -> None:
        while not done.is_set():
            with lock:
                turns["alone"] += 1
                if turns["alone"] >= 200 and turns["shared"] >= 200:
                    done.set()

    threads = [started(target) for target in (share, share, take, take)]
    assert done.wait(END_S), turns
    for thread in threads:
        thread.join(END_S)


def test_it_is_refused_alone_to_one_who_shares_it_and_released_only_by_its_holder() -> None:
    lock = ChangeLock()
    with lock.shared(), pytest.raises(RuntimeError, match="shared"):
        lock.acquire()
    with pytest.raises(RuntimeError, match="does not hold"):
        lock.release()
