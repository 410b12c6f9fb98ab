"""Videos go to the member with the least to do; those of a drained or full one move."""

from __future__ import annotations

from typing import Any

import pytest

from sam2_session.cluster.demand import describe_demand
from sam2_session.cluster.merging import merge_figures, merge_jobs, merge_videos
from sam2_session.cluster.placement import least_loaded, movable, require_space
from sam2_session.core.errors import ServerBusy

IDLE: dict[str, Any] = {"jobs": 0, "viewers": 0, "videos": []}


def test_a_run_weighs_more_than_a_person() -> None:
    members = {"a": {**IDLE, "jobs": 1}, "b": {**IDLE, "viewers": 3}}

    assert least_loaded(members, {}) == "b"
    assert least_loaded(members, {"b": 2}) == "a"


def test_a_full_member_is_the_last_choice() -> None:
    full = {**IDLE, "memory_share": 0.95}

    assert least_loaded({"a": full, "b": {**IDLE, "jobs": 9}}, {}) == "b"
    assert least_loaded({"a": full}, {}) == "a"
    assert movable({"a": full, "b": IDLE}) == ["a"]
    assert movable({"a": full, "b": {**IDLE, "memory_share": 0.8}}) == []
    assert movable({"a": full, "b": {**IDLE, "draining": True}}) == ["b"]


def test_a_video_more_is_refused_only_if_every_device_is_full() -> None:
    full, draining = {**IDLE, "memory_share": 0.95}, {**IDLE, "draining": True}

    require_space({"a": full, "b": IDLE})
    with pytest.raises(ServerBusy, match="All devices are full: 2 of 2 use more than 90 %"):
        require_space({"a": full, "b": full, "c": draining})


@pytest.mark.parametrize(
    ("members", "wanted"),
    [
        ([], 1),
        ([IDLE, IDLE], 1),
        ([{**IDLE, "jobs": 5}, IDLE], 3),
        ([{**IDLE, "viewers": 40}], 4),
        ([{**IDLE, "items_left": 100}], 13),
        ([{**IDLE, "memory_share": 0.95}, {**IDLE, "memory_share": 0.95}], 3),
    ],
)
def test_an_autoscaler_is_told_how_many_devices_the_load_needs(
    members: list[dict[str, Any]], wanted: int
) -> None:
    assert describe_demand(members)["members_wanted"] == wanted


def test_a_drained_member_gives_its_videos_away() -> None:
    assert movable({"a": {**IDLE, "draining": True}, "b": IDLE}) == ["a"]
    assert movable({"a": IDLE, "b": IDLE}) == []


def test_a_video_is_shown_as_its_own_member_shows_it() -> None:
    everything = [{"video_id": "a", "state": "new"}, {"video_id": "b", "state": "new"}]

    rows = merge_videos(everything, [[{"video_id": "b", "state": "ready"}]])

    assert [row["state"] for row in rows] == ["new", "ready"]


def test_jobs_of_all_members_are_listed_once() -> None:
    answers = [{"jobs": [{"job_id": "x"}]}, {"jobs": [{"job_id": "x"}, {"job_id": "y"}]}]

    assert [job["job_id"] for job in merge_jobs(answers)["jobs"]] == ["x", "y"]


def test_figures_add_up() -> None:
    merged = merge_figures([{"jobs": 1, "videos": 5}, {"jobs": 2, "videos": 5}])

    assert merged == {"jobs": 3, "videos": 5}
