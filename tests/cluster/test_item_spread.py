"""Home has the items of a batch run by the members that hold their videos, several at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ray")

from sam2_session.cluster.item_spread import ItemSpread
from sam2_session.cluster.member import Member
from sam2_session.cluster.member_link import MemberLost
from sam2_session.cluster.placement import items_at_once
from sam2_session.settings import Settings
from tests.annotating import BODY, make_moving_clip, settings_of

WAIT_S = 300.0
FRAMES = 6
NAMES = ("a", "b", "c")


class NearMembers:
    """Members and link in one: the member is in this process, and its answers may be lost."""

    name = "near"

    def __init__(self, member: Member) -> None:
        self._member = member
        self.figures = member.figures()
        self.lost = ["begin_unless_done", "job", "collect_export"]  # each answer once

    def up(self) -> list[NearMembers]:
        return [self]

    def of_video(self, video_id: str) -> NearMembers:
        return self

    def forget(self, video_id: str) -> None:
        """Do nothing: the member keeps the video."""

    def control(self, name: str, **params: Any) -> Any:
        answer = self._member.control(name, params)
        if name in self.lost:
            self.lost.remove(name)
            raise MemberLost("near has ended.")
        return answer


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = settings_of(tmp_path)
    settings.videos_dir.mkdir()
    for name in NAMES:
        make_moving_clip(settings.videos_dir / f"{name}.mp4", FRAMES)
    return settings


@pytest.fixture
def member(settings: Settings) -> Iterator[Member]:
    member = Member(settings, "session-near")
    yield member
    member.close()


def test_items_run_and_are_exported_where_they_are(member: Member, settings: Settings) -> None:
    members = NearMembers(member)
    batches = member._services.batches
    spread: Any = ItemSpread(members, batches.item_runs)  # type: ignore[arg-type]
    batches.start(spread)
    for seq, name in enumerate(NAMES, 1):
        until_extracted(member, name)
        click(member, name, seq)
    member.handle("create_batch", {"name": "long", "video_ids": list(NAMES)})

    begun = member.handle("process_batch", {"batch_id": "long", "export": {"format": "masks_zip"}})
    job = until_ended(member, begun["job_id"])

    assert (job["state"], job["items_done"], job["done"]) == ("done", 3, 3 * FRAMES), job
    items = member.handle("get_batch", {"batch_id": "long"})["items"]
    assert [(row["state"], row["error"]) for row in items] == [("processed", None)] * 3
    assert members.lost == []
    exported = (settings.outputs_dir / "batches/long").rglob("*.png")
    assert len(list(exported)) == 3 * FRAMES


def test_every_open_member_is_kept_busy() -> None:
    assert items_at_once({}) == 1
    assert items_at_once({"a": {}, "b": {}, "c": {"draining": True}}) == 4


def until_extracted(member: Member, video_id: str) -> None:
    wait_until(lambda: member.handle("extract_video", {"video_id": video_id})["state"] == "ready")


def click(member: Member, video_id: str, seq: int) -> None:
    key = {"video_id": video_id, "instance_id": 1, "region": "overall"}
    point = {"frame_idx": 0, "x": BODY[0], "y": BODY[1], "label": 1}
    data = {"client_id": "ada", "seq": seq, "key": key, **point}
    ack = member.handle("apply_op", {"event": "add_point", "sid": "s", "data": data})
    assert ack["status"] == "applied", ack


def until_ended(member: Member, job_id: str) -> dict[str, Any]:
    def job() -> dict[str, Any]:
        return dict(member.handle("get_job", {"job_id": job_id}))

    wait_until(lambda: job()["state"] not in ("queued", "running"))
    return job()


def wait_until(condition: Any) -> None:
    until_s = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < until_s, "it did not come"
        time.sleep(0.02)
