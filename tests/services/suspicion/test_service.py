"""Suspicious places of a video: worst first, without what a person reviewed."""

from __future__ import annotations

from typing import Any

from tests.annotating import Annotator
from tests.services.repairs.conftest import FIRST, Repairer, repairer

__all__ = ["repairer"]


def stops(ada: Annotator) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = ada.call("list_suspicions", video_id="clip")["stops"]
    return listed


def test_swapped_masks_are_listed_until_they_are_approved(repairer: Repairer) -> None:
    ada = repairer.ada
    before = {(stop["instance_id"], stop["frame_idx"]) for stop in stops(ada)}
    repairer.swap([3, 3])

    found = stops(ada)

    swapped = [stop for stop in found if stop["first"] <= 3 <= stop["last"]]
    assert {stop["instance_id"] for stop in swapped} == {1, 2}
    assert not {(1, 3), (2, 3)} & before
    assert all("away from where its neighbours put it" in str(stop["reasons"]) for stop in swapped)
    assert [stop["score"] for stop in found] == sorted((s["score"] for s in found), reverse=True)

    ada.send("approve", key=FIRST, frames=[[0, 7]], approved=True)
    assert 1 not in {stop["instance_id"] for stop in stops(ada)}
    curves = ada.call("list_suspicion_curves", video_id="clip")["curves"]
    first, second = ({idx: v for idx, v in curve["values"]} for curve in curves)
    assert set(first.values()) == {0}
    assert second[3] >= 0.5


def test_a_run_measures_its_masks(repairer: Repairer) -> None:
    rows = repairer.ada.services._projects.get("clip").db.read(
        lambda tx: tx.execute("SELECT count(*) FROM mask_traits").fetchone()[0]
    )

    assert rows == 13  # all that it wrote: seven of each but for the correction


def test_pairs_without_masks_and_absent_objects_are_no_suspects(repairer: Repairer) -> None:
    ada = repairer.ada
    ada.send("mark_absent", key={**FIRST, "region": "wrist"}, frames=[[2, 4]], absent=True)
    ada.send("add_point", key={**FIRST, "region": "gripper"}, frame_idx=0, x=3, y=3, label=0)
    ada.send("undo", key={**FIRST, "region": "gripper"}, frame_idx=0)

    curves = ada.call("list_suspicion_curves", video_id="clip")["curves"]

    assert {curve["region"] for curve in curves} & {"wrist", "gripper"} == set()
    assert all(stop["region"] not in ("wrist", "gripper") for stop in stops(ada))
