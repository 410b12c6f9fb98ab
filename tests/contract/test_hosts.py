"""Every host passes this one suite."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from sam2_session.core.errors import HostUnavailable, SessionError
from sam2_session.core.events import Event, EventName
from sam2_session.hosts.base import Host
from sam2_session.hosts.inline import InlineHost
from sam2_session.hosts.process import ProcessHost
from sam2_session.settings import Settings
from tests.hosts import echo
from tests.ray_cluster import needs_ray, running_cluster
from tests.video_steps import wait_until

SETTINGS = Settings(model="some_model", token="secret")  # noqa: S106


RAY = pytest.param("ray", marks=[needs_ray, pytest.mark.slow])


@pytest.fixture(scope="module")
def ray_address() -> Iterator[str]:
    """A cluster of one device; no process of it stays behind."""
    with running_cluster(1) as cluster:
        yield cluster.address


@pytest.fixture(params=["inline", "process", RAY])
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Host]:
    made: Host
    if request.param == "inline":
        made = InlineHost(echo.build(SETTINGS))
    elif request.param == "ray":
        address = request.getfixturevalue("ray_address")
        settings = replace(SETTINGS, ray_address=address, outputs_dir=tmp_path)
        made = ProcessHost(settings, factory="tests.cluster.echo_gateway:build")
        wait_until(lambda: made.health().state == "ready")
    else:
        made = ProcessHost(SETTINGS, factory="tests.hosts.echo:build")
    yield made
    made.close()


@pytest.mark.parametrize(
    "value",
    [
        None,
        {"points": [{"x": 1.5, "y": 2, "label": 1}], "box": None},
        b"",
        {"png": b"\x89PNG\r\n\x00\xff", "deep": [{"raw": b"x" * 500_000}, b"y"]},
        {"$bytes": 0, "text": "视频 \u0000"},
    ],
)
def test_json_values_and_bytes_come_back_equal(host: Host, value: object) -> None:
    assert host.call("echo", value=value) == value


def test_the_services_see_the_settings(host: Host) -> None:
    assert host.call("model") == "some_model"


def test_a_named_error_keeps_its_code_status_and_hint(host: Host) -> None:
    with pytest.raises(SessionError, match="No video 'clip'") as caught:
        host.call("missing", video_id="clip")

    assert (caught.value.code, caught.value.status) == ("video_not_found", 404)
    assert caught.value.hint == "Put the file in videos/ and list again."


def test_an_unexpected_error_shows_no_details(host: Host) -> None:
    with pytest.raises(SessionError) as caught:
        host.call("broken")

    assert (caught.value.code, caught.value.status) == ("internal_error", 500)
    assert "division" not in str(caught.value)


def test_events_arrive_whole_and_in_order(host: Host) -> None:
    heard: list[Event] = []
    host.subscribe(heard.append)

    host.call("announce", count=100)

    masks = [event for event in heard if event.name is EventName.MASK]
    assert [event.data["rev"] for event in masks] == list(range(100))
    assert masks[0] == Event(EventName.MASK, {"rev": 0, "png": b"\x89PNG"}, "clip", "sid")


def test_who_unsubscribed_hears_nothing(host: Host) -> None:
    host.call("pid")
    heard: list[Event] = []
    host.subscribe(heard.append)()

    host.call("announce", count=1)

    assert heard == []


def test_a_slow_call_holds_up_nobody(host: Host) -> None:
    heard: list[Event] = []
    host.subscribe(heard.append)
    with ThreadPoolExecutor(4) as pool:
        naps = [pool.submit(host.call, "nap", seconds=120) for _ in range(3)]
        while len(heard) < 3 and not any(nap.done() for nap in naps):
            time.sleep(0.01)
        assert host.call("echo", value=7) == 7
        host.call("wake")

    assert [nap.result() for nap in naps] == [True, True, True]


def test_calls_from_many_threads_get_their_own_answers(host: Host) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: host.call("echo", value=n), range(400)))

    assert answers == list(range(400))


def test_a_ready_host_says_so(host: Host) -> None:
    host.call("pid")

    assert host.health().to_wire() == {"state": "ready", "detail": "", "restarts": 0}


def test_a_closed_host_refuses_calls(host: Host) -> None:
    host.call("pid")
    host.close()
    host.close()

    assert host.health().state == "closed"
    with pytest.raises(HostUnavailable):
        host.call("pid")
