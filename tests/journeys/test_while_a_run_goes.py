"""People click, undo and delete while a run is under way; the result is whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sam2_session.settings import Settings
from tests.annotating import (
    BODY,
    DISC,
    Annotator,
    annotating,
    device_held,
    mask_bytes,
    settings_of,
)

KEY = {"video_id": "clip", "instance_id": 1, "region": "overall"}


def all_masks(settings: Settings, region: str = "overall") -> list[bytes]:
    return [mask_bytes(settings, frame_idx, region) for frame_idx in range(12)]


def start_run(ada: Annotator, masks: int = 2, **data: Any) -> str:
    """Begin a run and wait until it has written some masks."""
    before = len(ada.of("mask_saved"))
    ack = ada.send("propagate", video_id="clip", pairs="all", **data)
    assert ack["status"] == "applied", ack
    ada.until(lambda: len(ada.of("mask_saved")) - before >= masks)
    return str(ack["job_id"])


def ended(ada: Annotator, job_id: str) -> dict[str, Any]:
    ada.until(lambda: ada.call("get_job", job_id=job_id)["state"] not in ("queued", "running"))
    job: dict[str, Any] = ada.call("get_job", job_id=job_id)
    return job


def run_what_changed(ada: Annotator) -> None:
    """Propagate as a user does who sees stale masks; nothing to do is fine."""
    ack = ada.send("propagate", video_id="clip", pairs="all")
    if ack["status"] == "applied":
        assert ended(ada, ack["job_id"])["state"] == "done"


def straight(folder: Path, *clicks: tuple[int, float, float]) -> list[bytes]:
    """The masks of a workspace where nothing else ever happened."""
    settings = settings_of(folder)
    with annotating(settings) as bob:
        bob.open()
        for frame_idx, x, y in clicks:
            bob.click(frame_idx, x, y)
        bob.propagate()
    return all_masks(settings)


def test_the_only_prompt_is_taken_away_and_given_back(ada: Annotator, settings: Settings) -> None:
    ada.click(0, *BODY)
    job_id = start_run(ada, masks=1)
    ada.act("undo", 0)
    state = ended(ada, job_id)["state"]

    ada.act("redo", 0)
    run_what_changed(ada)

    assert state == "done"
    assert all(all_masks(settings))


def test_one_of_two_prompts_goes_and_comes_back(
    ada: Annotator, settings: Settings, tmp_path: Path
) -> None:
    ada.click(0, *BODY)
    ada.click(1, 40, 30)
    job_id = start_run(ada, masks=4)
    ada.act("undo", 1)
    ended(ada, job_id)

    ada.act("redo", 1)
    run_what_changed(ada)

    assert all_masks(settings) == straight(tmp_path / "other", (0, *BODY), (1, 40, 30))


def test_a_click_ahead_of_the_run_that_is_taken_back_leaves_no_hole(
    ada: Annotator, settings: Settings
) -> None:
    ada.click(0, *BODY)
    job_id = start_run(ada, masks=0)
    ada.click(11, 50, 30)
    ended(ada, job_id)

    ada.act("undo", 11)
    run_what_changed(ada)

    assert all(all_masks(settings))


def test_a_prompt_undone_and_redone_after_a_run_changes_no_later_mask(
    ada: Annotator, settings: Settings, tmp_path: Path
) -> None:
    def correct(bob: Annotator) -> None:
        bob.click(0, *BODY)
        bob.click(4, 50, 30)
        bob.propagate()

    correct(ada)
    ada.act("undo", 4)
    ada.act("redo", 4)
    ada.click(7, 60, 40, 0)

    other = settings_of(tmp_path / "other")
    with annotating(other) as bob:
        bob.open()
        correct(bob)
        bob.click(7, 60, 40, 0)
    assert mask_bytes(settings, 7) == mask_bytes(other, 7)


def test_the_instance_is_deleted(ada: Annotator) -> None:
    ada.click(0, *BODY)
    job_id = start_run(ada)

    ada.call("delete_instance", video_id="clip", instance_id=1)

    assert ended(ada, job_id)["state"] == "done"
    ada.call("update_instance", video_id="clip", instance_id=1, deleted=False)
    assert ada.propagate()["state"] == "done"  # pairs left out are not taken for done
    assert len(ada.call("list_masks", **KEY)["masks"]) == 12


def test_the_video_is_deleted(ada: Annotator, settings: Settings) -> None:
    ada.click(0, *BODY)
    job_id = start_run(ada)

    ada.call("delete_video", video_id="clip")

    assert ended(ada, job_id)["state"] in ("cancelled", "done")
    assert job_id not in [job["job_id"] for job in ada.call("list_jobs")["jobs"]]
    assert not (settings.outputs_dir / "clip").exists()
    assert ada.send("add_point", key=KEY, frame_idx=0, x=1, y=1, label=1)["error"]["code"] == (
        "video_not_found"
    )


def test_a_waiting_job_is_cancelled_at_once(ada: Annotator) -> None:
    ada.click(0, *BODY)
    with device_held(ada):
        first = ada.send("propagate", video_id="clip", pairs="all", force=True)["job_id"]
        second = ada.send("propagate", video_id="clip", pairs="all", direction="both")["job_id"]

        ack = ada.send("cancel", job_id=second)

    assert ack["job"]["state"] == "cancelled"
    assert ended(ada, first)["state"] == "done"
    assert ada.call("get_job", job_id=second)["state"] == "cancelled"


def test_the_model_is_exchanged(ada: Annotator, settings: Settings) -> None:
    ada.click(0, *BODY)
    job_id = start_run(ada)
    services = ada.services

    services._engines.load(
        services._models._registry.get("sam2.1_hiera_demo"), demo_checkpoint(settings)
    )

    assert ended(ada, job_id)["state"] == "done"
    resumed = all_masks(settings)
    ada.propagate(force=True)
    assert resumed == all_masks(settings)


def demo_checkpoint(settings: Settings) -> Path:
    return settings.checkpoints_dir / "sam2.1_hiera_demo.pt"


def test_sessions_that_never_fit_in_memory_give_the_same_bytes(tmp_path: Path) -> None:
    tiny = {"session_memory_mb": 0, "feature_cache_mb": 0}
    found = []
    for name, changes in [("roomy", {}), ("tiny", tiny)]:
        settings = settings_of(tmp_path / name, **changes)
        with annotating(settings) as bob:
            bob.open()
            bob.click(0, *BODY)
            bob.click(0, *DISC, region="wrist")
            bob.propagate(direction="both")
            bob.click(6, 50, 40, 0)
            bob.click(6, 126, 66, 0, region="wrist")
            bob.propagate(direction="both")
        found.append([all_masks(settings, region) for region in ("overall", "wrist")])

    assert found[0] == found[1]


def test_sessions_that_never_fit_in_memory_leave_no_file_open(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, session_memory_mb=0)
    with annotating(settings) as bob:
        bob.open()
        for region in ("overall", "wrist", "shaft"):
            bob.click(0, *BODY, region=region)
        before = len(list(Path("/proc/self/fd").iterdir()))
        bob.propagate()

        assert len(list(Path("/proc/self/fd").iterdir())) - before < 4


def test_two_pairs_between_each_other_are_what_each_is_alone(tmp_path: Path) -> None:
    def session(name: str, steps: list[tuple[int, float, float, int, str]]) -> Settings:
        settings = settings_of(tmp_path / name)
        with annotating(settings) as bob:
            bob.open()
            for frame_idx, x, y, label, region in steps:
                bob.click(frame_idx, x, y, label, region=region)
            bob.propagate(direction="both")
        return settings

    body = [(0, 30.0, 30.0, 1, "overall"), (5, 50.0, 40.0, 1, "overall"), (5, 9, 9, 0, "overall")]
    disc = [(0, 130.0, 70.0, 1, "wrist"), (3, 120.0, 70.0, 1, "wrist"), (5, 9, 9, 0, "wrist")]
    both = session("both", [step for pair in zip(body, disc, strict=True) for step in pair])

    assert all_masks(both) == all_masks(session("body", body))
    assert all_masks(both, "wrist") == all_masks(session("disc", disc), "wrist")
