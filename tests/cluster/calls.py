"""Calls of a gateway as a script or a page makes them: again until somebody answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sam2_session.core.errors import HostUnavailable, SessionError
from sam2_session.hosts.process import ProcessHost
from sam2_session.storage.leases import newest_lease
from tests.annotating import BODY
from tests.video_steps import wait_until


def answered(host: ProcessHost, operation: str, **params: Any) -> Any:
    """Call until somebody answers: a member may just have ended."""
    answers: list[Any] = []

    def has_answer() -> bool:
        try:
            answers.append(host.call(operation, **params))
        except SessionError as error:
            if error.code != HostUnavailable.code:
                raise
            return False
        return True

    wait_until(has_answer)
    return answers[-1]


def send(host: ProcessHost, event: str, client_id: str, seq: int, **data: Any) -> Any:
    """Send a command as a page does, with its number; returns its acknowledgement."""
    body = {"client_id": client_id, "seq": seq, **data}
    ack = answered(host, "apply_op", event=event, sid=f"sid-{client_id}", data=body)
    assert ack["status"] in ("applied", "duplicate"), ack
    return ack


def click(host: ProcessHost, video_id: str, seq: int, region: str = "overall") -> None:
    """Click on the red body in the first frame, a pixel further with each number."""
    key = {"video_id": video_id, "instance_id": 1, "region": region}
    place = {"frame_idx": 0, "x": BODY[0] + seq, "y": BODY[1], "label": 1}
    send(host, "add_point", "ada", seq, key=key, **place)


def is_ready(host: ProcessHost, video_id: str) -> bool:
    """Return whether a video's frames are there; they are extracted from now on."""
    return bool(answered(host, "extract_video", video_id=video_id)["state"] == "ready")


def owner(folder: Path) -> str:
    """The owner of a video's lease: ``<member>@<machine>-<pid>-<random>``."""
    return newest_lease(folder)[1]


def pid_of(owner: str) -> int:
    """The process of an owner, 0 if it has none."""
    pid = owner.rpartition("@")[2].split("-")[1:2]
    return int(pid[0]) if pid else 0
