"""Moves videos between members in the background, and places those that are new."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import suppress

from sam2_session.cluster.member_link import MemberLink
from sam2_session.cluster.members import Members, figures_of
from sam2_session.cluster.placement import movable
from sam2_session.core.errors import HostUnavailable, SessionError
from sam2_session.loops import Loop
from sam2_session.runtime import Condition, monotonic

LOOK_S = 1.0
AT_ONCE = 8  # videos that are moved before figures are read again
REST_S = 30.0  # until a full member gives another video away: its memory follows

log = logging.getLogger(__name__)


class Moves:
    """One thread: places new videos, so that their frames are extracted; empties members."""

    def __init__(self, members: Members) -> None:
        self._members = members
        self._waiting: dict[str, None] = {}  # video_ids, in their order
        self._resting_until_s: dict[str, float] = {}  # by the name of a full member
        self._changed = Condition()
        self._is_closing = False
        self._loop = Loop(self._step, name="cluster-moves")

    def place(self, video_ids: Iterable[str]) -> None:
        """Place these videos soon."""
        with self._changed:
            self._waiting |= dict.fromkeys(video_ids)
            self._changed.notify_all()

    def free(self, video_id: str) -> None:
        """Let the member that has a video give it up. Raises `RemoteError` if a job keeps it."""
        self._members.of_video(video_id).control("release", video_id=video_id)
        self._members.forget(video_id)
        self._members.announce_move(video_id)

    def close(self) -> None:
        """Stop between two videos."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        self._loop.join()

    def _step(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._is_closing or self._waiting, LOOK_S)
            if self._is_closing:
                return False
            video_ids = list(self._waiting)[:AT_ONCE]
            for video_id in video_ids:
                del self._waiting[video_id]
        for video_id in video_ids:
            with suppress(SessionError):  # it is placed when somebody opens it
                self._members.of_video(video_id).control("hold", video_id=video_id)
        self._empty()
        return True

    def _empty(self) -> None:
        """Move videos away from members that drain or are full, of these one now and then."""
        links = self._members.up()
        by_name = {link.name: link for link in links}
        for name in movable(figures_of(links)):
            if len(links) > 1:
                link = by_name[name]
                for video_id in link.figures.get("videos", ())[: self._count(link)]:
                    self._move(link, video_id)

    def _count(self, link: MemberLink) -> int:
        """Return how many videos a member gives away now."""
        if link.figures.get("draining"):
            return AT_ONCE
        if monotonic() < self._resting_until_s.get(link.name, 0.0):
            return 0
        self._resting_until_s[link.name] = monotonic() + REST_S
        return 1

    def _move(self, link: MemberLink, video_id: str) -> None:
        """Let a member give a video up; one that has a job other than a run stays for now."""
        try:
            link.control("release", video_id=video_id)
        except HostUnavailable:
            return
        except SessionError as error:
            log.info("%s stays on %s: %s", video_id, link.name, error.message)
            return
        self._members.forget(video_id)
        with suppress(SessionError):
            self._members.of_video(video_id).control("hold", video_id=video_id)
            self._members.announce_move(video_id)
