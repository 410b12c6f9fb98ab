"""Runs that wait for other runs know their place in the line."""

from __future__ import annotations

from typing import Any

from tests.annotating import BODY, DISC, Annotator, device_held


def ask(ada: Annotator, region: str, **more: Any) -> str:
    pairs = [{"instance_id": 1, "region": region}]
    ack = ada.send("propagate", video_id="clip", pairs=pairs, force=True, **more)
    assert ack["status"] == "applied", ack
    return str(ack["job_id"])


def position(ada: Annotator, job_id: str) -> Any:
    return ada.call("get_job", job_id=job_id)["position"]


def order(ada: Annotator) -> list[str]:
    """The waiting jobs' regions, the next one first."""
    jobs = ada.call("list_jobs")["jobs"]
    waiting = sorted((job["position"], job) for job in jobs if job["position"] is not None)
    return [job["pairs"][0]["region"] for _, job in waiting]


def click_everywhere(ada: Annotator) -> None:
    ada.click(0, *BODY)
    ada.click(0, *DISC, region="wrist")
    ada.click(0, *DISC, region="shaft")


def test_a_waiting_run_moves_up_and_is_told_so(ada: Annotator) -> None:
    click_everywhere(ada)
    with device_held(ada):
        jobs = [ask(ada, region) for region in ("overall", "wrist", "shaft")]
        ada.until(lambda: position(ada, jobs[0]) is None)  # at work
        assert [position(ada, job_id) for job_id in jobs] == [None, 1, 2]

        ada.send("cancel", job_id=jobs[1])

        told = [one["position"] for one in ada.of("job_progress") if one["job_id"] == jobs[2]]
        assert told[-1] == 1
        assert position(ada, jobs[1]) is None
    assert ada.job_ended(jobs[2])["state"] == "done"
    assert position(ada, jobs[2]) is None


def test_who_has_runs_on_other_devices_gets_fewer_turns_on_this_one(ada: Annotator) -> None:
    bob = Annotator(ada.services, "bob")
    for region in ("overall", "wrist", "shaft", "gripper"):
        ada.click(0, *DISC, region=region)
    with device_held(ada):
        first = ask(ada, "overall")
        ada.until(lambda: position(ada, first) is None)  # at work
        jobs = [first, *(ask(ada, region) for region in ("wrist", "shaft"))]
        jobs.append(ask(bob, "gripper", any=True))  # which ada has clicked on
        assert order(ada) == ["wrist", "gripper", "shaft"]
        assert ada.services.load()["run_clients"] == ["ada"]

        ada.services.handover.weigh_runs({"ada": 1})

        assert order(ada) == ["gripper", "wrist", "shaft"]
        last = [told["position"] for told in ada.of("job_progress") if told["job_id"] == jobs[3]]
        assert last[-1] == 1
        for job_id in jobs:
            ada.send("cancel", job_id=job_id)
    for job_id in jobs:
        assert ada.job_ended(job_id)["state"] == "cancelled"


def test_a_run_that_still_predicts_its_prompted_frames_runs_and_can_be_stopped(
    ada: Annotator,
) -> None:
    key = {"video_id": "clip", "instance_id": 1, "region": "overall"}
    with device_held(ada):
        for frame_idx in (0, 3, 6):
            ada.send("add_point", key=key, frame_idx=frame_idx, x=BODY[0], y=BODY[1], label=1)
        job_id = ask(ada, "overall")
        ada.until(lambda: ada.of("job_progress")[-1]["state"] == "running")
        shown = ada.call("get_job", job_id=job_id)
        assert (shown["state"], shown["position"], shown["done"]) == ("running", None, 0)
        assert ask(ada, "overall") == job_id  # the key was pressed twice
        ada.send("cancel", job_id=job_id)

    assert ada.job_ended(job_id)["state"] == "cancelled"
    assert ada.of("job_ended")[-1]["done"] == 0


def test_a_run_says_who_asked_for_it_also_to_whoever_asks_again(ada: Annotator) -> None:
    ada.click(0, *BODY)
    with device_held(ada):
        job_id = ask(ada, "overall")
        assert ada.call("get_job", job_id=job_id)["client_id"] == ada.client_id
        pairs = [{"instance_id": 1, "region": "overall"}]
        by_rest = ada.call("propagate", video_id="clip", pairs=pairs, force=True)
        assert by_rest["job_id"] == job_id  # the same work
    assert ada.job_ended(job_id)["client_id"] == ada.client_id
    later = ada.call("propagate", video_id="clip", pairs=pairs, force=True)
    assert ada.job_ended(later["job_id"])["client_id"] is None
