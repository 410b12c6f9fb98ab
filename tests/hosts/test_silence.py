"""A silent process hangs, or waits for what others keep from it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from sam2_session.hosts.silence import PATIENT_LOOKS, SILENT_LOOKS, SilenceWatch
from tests.processes import busy_s, is_stopped
from tests.video_steps import wait_until

LOOK_S = 0.05


def looks_until_it_counts_as_hung(watch: SilenceWatch) -> int:
    for looks in range(1, 2 * PATIENT_LOOKS):
        try:
            watch.look()
        except TimeoutError:
            return looks
    raise AssertionError("it never counts as hung")


@pytest.fixture
def sleeper() -> Iterator[int]:
    with subprocess.Popen(["/bin/sleep", "600"]) as process:
        yield process.pid
        process.kill()


@pytest.fixture
def starved() -> Iterator[int]:
    """A process that computes without a pause beside another, on one core."""
    core = min(os.sched_getaffinity(0))
    code = f"import os; os.sched_setaffinity(0, [{core}]); os.nice({{}})\nwhile True: pass"
    commands = [[sys.executable, "-c", code.format(niceness)] for niceness in (19, 0)]
    with subprocess.Popen(commands[0]) as victim, subprocess.Popen(commands[1]) as other:
        wait_until(lambda: min(busy_s([victim.pid]), busy_s([other.pid])) > 0.5)
        yield victim.pid
        victim.kill()
        other.kill()


def test_one_that_was_stopped_hangs(sleeper: int) -> None:
    os.kill(sleeper, signal.SIGSTOP)
    wait_until(lambda: is_stopped(sleeper))

    assert looks_until_it_counts_as_hung(SilenceWatch(sleeper)) == SILENT_LOOKS


def test_a_message_begins_the_count_again(sleeper: int) -> None:
    watch = SilenceWatch(sleeper)
    for _ in range(SILENT_LOOKS - 1):
        watch.look()
    watch.heard()

    assert looks_until_it_counts_as_hung(watch) == SILENT_LOOKS


def test_one_that_gets_no_core_is_given_more_time(starved: int) -> None:
    watch = SilenceWatch(starved, LOOK_S)
    watch.look()
    before_s = busy_s([starved])
    wait_until(lambda: busy_s([starved]) > before_s + PATIENT_LOOKS * LOOK_S)

    assert 1 + looks_until_it_counts_as_hung(watch) == PATIENT_LOOKS
