"""Calls the member that has a video, also while that moves or its member ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sam2_session.cluster.member_link import MemberLink, MemberLost
from sam2_session.cluster.members import Members
from sam2_session.core.errors import HostUnavailable, VideoElsewhere
from sam2_session.runtime import monotonic, sleep

T = TypeVar("T")
MOVE_S = 60.0  # a call waits so long for a video that moves to another member
RETRY_S = 0.1


def call_member_of(
    members: Members, video_id: str, call: Callable[[MemberLink], T], *, is_repeatable: bool
) -> T:
    """Run a call on the member that has a video.

    What `is_repeatable` has no effect, or is known by its number when it comes twice: it is sent
    again after the end of a member; of anything else the caller is told. Raises `HostUnavailable`.
    """
    until_s = monotonic() + MOVE_S
    while True:
        link = members.of_video(video_id)
        try:
            return call(link)
        except VideoElsewhere as error:  # nothing was done
            if monotonic() > until_s:
                raise HostUnavailable(error.message) from error
        except MemberLost:
            if not is_repeatable or monotonic() > until_s:
                raise
        members.forget(video_id)
        sleep(RETRY_S)
