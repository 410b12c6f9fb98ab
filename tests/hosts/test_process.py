"""Crashes, hangs and restarts of the session process."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from sam2_session.core.errors import HostUnavailable
from sam2_session.core.events import Event, EventName
from sam2_session.hosts.process import ProcessHost
from sam2_session.settings import Settings

NAP_S = 600.0


@pytest.fixture
def host() -> Iterator[ProcessHost]:
    made = ProcessHost(Settings(token="secret"), factory="tests.hosts.echo:build")  # noqa: S106
    yield made
    made.close()


@pytest.fixture
def quick_host() -> Iterator[ProcessHost]:
    """Make a host that looks for silence every half second."""
    made = ProcessHost(Settings(), factory="tests.hosts.echo:build", look_every_s=0.5)
    yield made
    made.close()


def wait_for(condition: Callable[[], bool], timeout_s: float = 300.0) -> None:
    until_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < until_s, "it never happened"
        time.sleep(0.01)


def test_a_killed_worker_comes_back_and_says_so(host: ProcessHost) -> None:
    first_pid = host.call("pid")
    heard: list[Event] = []
    host.subscribe(heard.append)

    os.kill(first_pid, signal.SIGKILL)
    wait_for(lambda: len(heard) >= 2)

    assert host.call("pid") != first_pid
    assert [(e.name, e.data["state"]) for e in heard] == [
        (EventName.HOST_STATE, "restarting"),
        (EventName.HOST_STATE, "ready"),
    ]
    assert host.health().restarts == 1


def test_a_call_in_flight_fails_when_the_worker_dies(host: ProcessHost) -> None:
    with pytest.raises(HostUnavailable) as caught:
        host.call("die")

    assert (caught.value.code, caught.value.status) == ("host_unavailable", 503)


def test_a_call_made_during_a_restart_waits_for_it(host: ProcessHost) -> None:
    pid, heard = host.call("pid"), list[Event]()
    host.subscribe(heard.append)
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: bool(heard))  # it restarts

    assert host.call("echo", value=1) == 1


def test_many_kills_in_a_row_are_survived(host: ProcessHost) -> None:
    for _ in range(4):
        with pytest.raises(HostUnavailable):
            host.call("die")

    assert host.call("echo", value="still here") == "still here"


def test_services_that_cannot_start_say_why() -> None:
    host = ProcessHost(Settings(model="lost"), factory="tests.hosts.echo:refuse")

    wait_for(lambda: host.health().state == "restarting")

    assert host.health().detail == "No video 'lost'."
    host.close()


@pytest.mark.parametrize("how", ["stopped", "interpreter kept"])
def test_a_worker_that_hangs_is_noticed_and_replaced(quick_host: ProcessHost, how: str) -> None:
    host, heard = quick_host, list[Event]()
    pid = host.call("pid")
    host.subscribe(heard.append)

    if how == "stopped":
        os.kill(pid, signal.SIGSTOP)
    else:
        with pytest.raises(HostUnavailable):
            host.call("keep_interpreter")
    wait_for(lambda: bool(heard))

    assert "hung and was ended (silent for" in heard[0].data["detail"]
    assert host.call("pid") != pid
    assert not Path(f"/proc/{pid}").exists()


def test_closing_ends_a_worker_that_is_busy(host: ProcessHost) -> None:
    pid = host.call("pid")
    woken: list[str] = []
    napper = threading.Thread(target=_nap, args=(host, woken))
    heard: list[Event] = []
    host.subscribe(heard.append)
    napper.start()
    wait_for(lambda: bool(heard))  # it naps

    host.close()
    napper.join()

    assert woken == ["HostUnavailable"]  # nobody slept on until the end
    assert not Path(f"/proc/{pid}").exists()


def test_the_worker_never_learns_the_token(
    host: ProcessHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAM2_SESSION_TOKEN", "secret")
    second = ProcessHost(Settings(), factory="tests.hosts.echo:build")

    assert (host.call("token"), second.call("token")) == ("", "")
    second.close()


def test_the_socket_leaves_nothing_in_the_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    host = ProcessHost(Settings(), factory="tests.hosts.echo:build")

    host.call("pid")

    assert list(tmp_path.iterdir()) == []
    host.close()


def _nap(host: ProcessHost, woken: list[str]) -> None:
    try:
        woken.append(f"slept: {host.call('nap', seconds=NAP_S)}")
    except HostUnavailable as error:
        woken.append(type(error).__name__)


def test_a_loop_of_the_worker_that_keeps_failing_is_seen_here(host: ProcessHost) -> None:
    host.call("fail_in_a_loop")

    wait_for(lambda: host.health().stuck == ("in vain",))

    assert host.health().state == "ready"


def test_a_listener_that_raises_does_not_end_the_watch(host: ProcessHost) -> None:
    host.subscribe(lambda _: 1 // 0)
    os.kill(host.call("pid"), signal.SIGKILL)

    wait_for(lambda: host.health().restarts == 1)

    assert host.call("echo", value=1) == 1


def test_services_that_wait_for_other_machines_take_more_calls_at_once() -> None:
    host = ProcessHost(Settings(), factory="tests.hosts.echo:build_wide")
    asleep: list[Event] = []
    host.subscribe(asleep.append)
    with closing(host), ThreadPoolExecutor(30) as pool:
        naps = [pool.submit(host.call, "nap", seconds=NAP_S) for _ in range(30)]
        wait_for(lambda: sum(event.name is EventName.PRESENCE for event in asleep) == 30)
        host.call("wake")
        assert all(nap.result() for nap in naps)


def test_a_thread_that_computes_lets_requests_through_often(host: ProcessHost) -> None:
    assert host.call("switch_interval") <= 0.001
