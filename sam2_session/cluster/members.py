"""Knows the members of a cluster for a gateway: those that are up, and the videos of each."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sam2_session.cluster.connection import RayCluster
from sam2_session.cluster.member_link import MemberLink, MemberLost
from sam2_session.cluster.placement import least_loaded, require_space
from sam2_session.core.errors import HostUnavailable, RemoteError, VideoElsewhere
from sam2_session.core.events import Listener
from sam2_session.loops import Loop
from sam2_session.runtime import Condition, Signal, monotonic, sleep
from sam2_session.storage.lease_owners import CLUSTER_FOLDER, member_of
from sam2_session.storage.leases import newest_lease

WAIT_S = 120.0  # a call waits so long for a member: one may have to start, and import torch
LOOK_S = 1.0
RETRY_S = 0.1
KILL_AFTER_S = 60.0  # a silent member is ended

log = logging.getLogger(__name__)


class Members:
    """Links to all members by name; the leases on disk say which has a video."""

    def __init__(
        self,
        cluster: RayCluster,
        outputs_dir: Path,
        gateway: str,
        publish: Listener,
        on_lost: Callable[[str], None],
    ) -> None:
        self._cluster = cluster
        self._outputs_dir = outputs_dir
        self._gateway = gateway
        self._publish = publish
        self._on_lost = on_lost
        self._links: dict[str, MemberLink] = {}
        self._silent_since_s: dict[str, float] = {}
        self._placed: dict[str, str] = {}  # by video_id; only a cache
        self._unheld: set[str] = set()  # placed, but no member had them at the last look
        self._new: Counter[str] = Counter()  # placed since the figures were read
        self._changed = Condition()
        self._closing = Signal()
        self._loop = Loop(self._look, name="cluster-members")

    def up(self) -> list[MemberLink]:
        """Return the links of members that answer, by name."""
        with self._changed:
            return [link for _, link in sorted(self._links.items()) if link.is_up]

    def all_up(self) -> list[MemberLink]:
        """Return the same, after waiting for the first. Raises `HostUnavailable`."""
        with self._changed:
            if not self._changed.wait_for(self._has_any, WAIT_S):
                raise HostUnavailable("No machine of the cluster is there.")
        return self.up()

    def home(self) -> MemberLink:
        """Return the member that does what belongs to no video; it has read all of that.

        Raises `HostUnavailable`.
        """
        until_s = monotonic() + WAIT_S
        while True:
            link = self._leading()
            if link.figures.get("home") or link.figures.get("draining"):
                return link
            try:
                link.figures = link.control("figures", is_home=True)
                return link
            except VideoElsewhere:  # another one has just become home
                if monotonic() > until_s:
                    raise
                sleep(RETRY_S)

    def of_video(self, video_id: str) -> MemberLink:
        """Return the member that has a video, or is to have it. Raises `HostUnavailable`."""
        links = {link.name: link for link in self.all_up()}
        name = self._placed.get(video_id)
        if name in links:
            return links[name]
        name = self._owner(video_id)
        if name not in links:
            name = self._choose(links)
            self._new[name] += 1
        self._placed[video_id] = name
        return links[name]

    def admit(self, video_id: str) -> None:
        """Raise `ServerBusy` if no member has a video, and all of them are full."""
        links = {link.name: link for link in self.all_up()}
        if self._placed.get(video_id) not in links and self._owner(video_id) not in links:
            require_space({name: link.figures for name, link in links.items() if link.is_open})

    def viewed(self) -> Counter[str]:
        """Count the clients that have each video open, as the members told last."""
        counted: Counter[str] = Counter()
        for link in self.up():
            counted.update(link.figures.get("viewed", {}))
        return counted

    def forget(self, video_id: str) -> None:
        """Look on disk again which member has a video."""
        self._placed.pop(video_id, None)

    def announce_move(self, video_id: str) -> None:
        """Have pages read a video again that is on another member now."""
        self._on_lost(video_id)

    def close(self) -> None:
        """Close every link; the members stay."""
        self._closing.set()
        self._loop.join()
        for link in self._links.values():
            link.close()

    def _leading(self) -> MemberLink:
        """Return the member that is home by the lease, or is to be."""
        links = self.all_up()
        _, owner = newest_lease(self._outputs_dir / CLUSTER_FOLDER)
        named = [link for link in links if link.name == member_of(owner)]
        return (named or [link for link in links if link.is_open] or links)[0]

    def _owner(self, video_id: str) -> str:
        _, owner = newest_lease(self._outputs_dir / Path(video_id).name)
        return member_of(owner)

    def _choose(self, links: dict[str, MemberLink]) -> str:
        open_ones = {name: link.figures for name, link in links.items() if link.is_open}
        return least_loaded(open_ones or {n: link.figures for n, link in links.items()}, self._new)

    def _has_any(self) -> bool:
        return self._closing.is_set() or any(link.is_up for link in self._links.values())

    def _look(self) -> bool:
        """Find members that came or went, and read their figures."""
        actors = self._cluster.start_actors(self._links)
        with self._changed:
            for name, actor in actors.items():
                if name not in self._links:
                    self._links[name] = MemberLink(
                        name, actor, self._gateway, self._publish, self._on_gap
                    )
        for name in set(self._links) - set(actors):
            self._remove(name)
        self._read_figures()
        with self._changed:
            self._changed.notify_all()
        return not self._closing.wait(LOOK_S if self.up() else LOOK_S / 10)

    def _read_figures(self) -> None:
        links = self.up()
        home = self._leading().name if links else ""
        for link in links:
            try:
                elsewhere = runs_elsewhere(link.name, figures_of(links))
                link.figures = link.control(
                    "figures", is_home=link.name == home, elsewhere=elsewhere
                )
            except (MemberLost, RemoteError) as error:
                log.warning("%s: no figures: %s", link.name, error)
        self._new.clear()
        self._forget_unheld(links)
        for link in list(self._links.values()):
            self._watch(link)

    def _forget_unheld(self, links: list[MemberLink]) -> None:
        """Forget where videos were placed that no member has, twice in a row: they are new again.

        One that was placed just now may not be in the figures yet.
        """
        held = {video_id for link in links for video_id in link.figures.get("videos", ())}
        unheld = set(self._placed) - held
        for video_id in unheld & self._unheld:
            self.forget(video_id)
        self._unheld = unheld

    def _watch(self, link: MemberLink) -> None:
        """Tell of a member that went silent, and end it when that lasts."""
        if link.is_up or not link.figures:
            self._silent_since_s.pop(link.name, None)
            return
        if link.name not in self._silent_since_s:
            self._silent_since_s[link.name] = monotonic()
            self._lost(link.name)
        elif monotonic() - self._silent_since_s[link.name] > KILL_AFTER_S:
            del self._silent_since_s[link.name]
            link.figures = {}
            link.end()

    def _remove(self, name: str) -> None:
        with self._changed:
            link = self._links.pop(name)
        link.close()
        self._lost(name)

    def _on_gap(self, link: MemberLink) -> None:
        """Handle events of a member that were lost: it was started anew, or was silent."""
        self._lost(link.name)

    def _lost(self, name: str) -> None:
        videos = [video_id for video_id, owner in list(self._placed.items()) if owner == name]
        for video_id in videos:
            self.forget(video_id)
            self._on_lost(video_id)


def figures_of(links: list[MemberLink]) -> dict[str, dict[str, Any]]:
    """Return the figures of each member by its name."""
    return {link.name: link.figures for link in links}


def runs_elsewhere(name: str, members: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    """Count, by client, the runs that are under way on members other than this one."""
    others = [figures for other, figures in members.items() if other != name]
    return dict(Counter(client for row in others for client in row.get("run_clients", ())))
