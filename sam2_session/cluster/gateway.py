"""The services of a cluster behind the host seam: routes each operation to the member it is for."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sam2_session.cluster.connection import FACTORY, RayCluster
from sam2_session.cluster.demand import describe_demand
from sam2_session.cluster.destinations import About, Destination, destination_of
from sam2_session.cluster.member_link import MemberLink, MemberLost
from sam2_session.cluster.members import Members
from sam2_session.cluster.merging import merge_figures, merge_jobs, merge_videos
from sam2_session.cluster.moves import Moves
from sam2_session.cluster.open_videos import OpenVideos
from sam2_session.cluster.video_calls import MOVE_S, RETRY_S, call_member_of
from sam2_session.core.errors import (
    HostUnavailable,
    JobNotFound,
    RemoteError,
    SessionError,
    VideoElsewhere,
)
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.runtime import monotonic, sleep
from sam2_session.settings import Settings

OF_ALL_VIDEOS = (
    EventName.REGIONS_CHANGED,
    EventName.CLASSES_CHANGED,
    EventName.REGION_RULES_CHANGED,
)
MAX_JOBS = 10_000  # for so many the video is remembered
MAX_STREAMS = 1000  # under way; for so many the member is remembered


class Gateway:
    """Holds no state that matters: leases on disk and the members' own lists tell everything."""

    call_threads = 256  # as many as clients: one whose video moves holds up no other

    def __init__(self, settings: Settings, factory: str = FACTORY) -> None:
        self.bus = EventBus()
        self._cluster = RayCluster(settings, factory)
        gateway = secrets.token_hex(8)
        self._members = Members(
            self._cluster, settings.outputs_dir, gateway, self.bus.publish, self._resync
        )
        self._moves = Moves(self._members)
        self._streams: dict[str, str] = {}  # by stream: the member that makes it
        self._open = OpenVideos(settings.max_open_videos, self._members.viewed)
        self._jobs: dict[str, str] = {}  # by job: its video
        self.bus.subscribe(self._note_job)
        self.bus.subscribe(self._share)
        self._merged: dict[str, Callable[[dict[str, Any]], Any]] = {
            "list_videos": self._list_videos,
            "list_jobs": self._list_jobs,
            "server_status": self._server_status,
        }

    def handle(self, operation: str, params: dict[str, Any]) -> Any:
        """Run an operation where it belongs. Raises `SessionError`."""
        if operation in self._merged:
            return self._merged[operation](params)
        destination = destination_of(operation, params)
        match destination.about:
            case About.VIDEO:
                return self._call_video(destination, operation, params)
            case About.CLIENT:
                return self._call_client(destination.id, operation, params)
            case About.JOB | About.STREAM:
                return self._call_holder(destination, operation, params)
            case About.EVERYBODY:
                return self._call_everybody(operation, params)
            case About.TRASH:
                return self._call_trash(destination, operation, params)
            case About.HOME:
                return self._call_home(destination, operation, params)

    def close(self) -> None:
        """Leave the cluster; its members go on."""
        self._moves.close()
        self._members.close()
        self._cluster.close()

    def _call_video(self, about: Destination, operation: str, params: dict[str, Any]) -> Any:
        """Run an operation on a video, also if that moves meanwhile."""
        if operation == "apply_op" and params.get("event") == "open_video":
            return self._open_video(about, params)

        def call(link: MemberLink) -> Any:
            return self._remember(link, link.call(operation, params))

        return call_member_of(self._members, about.id, call, is_repeatable=about.is_repeatable)

    def _open_video(self, about: Destination, params: dict[str, Any]) -> Any:
        """Open a video for a client; the member of the one before forgets it.

        Raises `ServerBusy` if the video is on no device and all devices are full, or if as many
        videos are open as allowed.
        """
        self._members.admit(about.id)
        sid = str(params.get("sid"))
        before = self._open.enter(sid, about.id)
        if before not in (None, about.id):
            with suppress(HostUnavailable, RemoteError):
                self._members.of_video(str(before)).call("client_left", {"sid": sid})
        answer: dict[str, Any] = {}
        try:
            answer = call_member_of(
                self._members,
                about.id,
                lambda link: link.call("apply_op", params),
                is_repeatable=about.is_repeatable,
            )
        finally:
            if answer.get("status", "rejected") == "rejected":
                self._open.leave(sid)
        return answer

    def _call_home(self, about: Destination, operation: str, params: dict[str, Any]) -> Any:
        """Run what belongs to no video; a video that it needs moves to the same member.

        Raises `Conflict` if a job that cannot move keeps it where it is.
        """
        until_s = monotonic() + MOVE_S
        while True:
            link = self._members.home()
            try:
                answer = self._remember(link, link.call(operation, params))
                if operation == "finish_upload":
                    self._place_uploaded(answer["video_id"])
                return answer
            except VideoElsewhere as missing:
                if monotonic() > until_s:
                    raise HostUnavailable(missing.message) from missing
                self._moves.free(missing.video_id)
            except MemberLost:
                if not about.is_repeatable or monotonic() > until_s:
                    raise
            sleep(RETRY_S)

    def _place_uploaded(self, video_id: str) -> None:
        """Let the member with the least to do have a video that home has just received."""
        with suppress(SessionError):  # it stays at home
            self._moves.free(video_id)
            self._moves.place([video_id])

    def _call_client(self, sid: str, operation: str, params: dict[str, Any]) -> Any:
        video_id = self._open.leave(sid)
        if video_id is None:
            return self._members.home().call(operation, params)
        return self._members.of_video(video_id).call(operation, params)

    def _call_holder(self, about: Destination, operation: str, params: dict[str, Any]) -> Any:
        """Ask the member that has a job or a stream, else all of them in turn."""
        if about.about is About.JOB and (video_id := self._jobs.get(about.id)):
            return self._call_job(video_id, about, operation, params)
        if about.about is About.JOB:
            self._members.home()  # one that has just become home lists its jobs first
        links = self._members.all_up()
        known = self._streams.get(about.id)
        if operation == "close_stream":
            self._streams.pop(about.id, None)
        lost: HostUnavailable | None = None
        for link in links:
            if known not in (None, link.name):
                continue
            try:
                answer = self._unless_unknown(link, operation, params)
            except HostUnavailable as error:
                lost = error
                continue
            if answer is not None:
                return answer[0]
        if lost is not None:  # it may be that one's
            raise lost
        if about.about is About.JOB:
            raise JobNotFound(about.id[:80])
        return links[0].call(operation, params)

    def _call_job(
        self, video_id: str, about: Destination, operation: str, params: dict[str, Any]
    ) -> Any:
        """Ask the member that has the job's video; the job is there once the video is."""

        def call(link: MemberLink) -> Any:
            link.control("hold", video_id=video_id)
            return link.call(operation, params)

        return call_member_of(self._members, video_id, call, is_repeatable=about.is_repeatable)

    def _note_job(self, event: Event) -> None:
        """Remember the video of a job."""
        if event.name in (EventName.JOB_PROGRESS, EventName.JOB_ENDED) and event.video_id:
            self._jobs[event.data["job_id"]] = event.video_id
            if len(self._jobs) > MAX_JOBS:
                del self._jobs[next(iter(self._jobs))]

    def _share(self, event: Event) -> None:
        """Let every member read a list of all videos again before anybody hears that it changed."""
        if event.name in OF_ALL_VIDEOS:
            for link in self._members.up():
                with suppress(SessionError):
                    link.control("reread")

    def _unless_unknown(
        self, link: MemberLink, operation: str, params: dict[str, Any]
    ) -> tuple[Any] | None:
        try:
            answer = link.call(operation, params)
        except RemoteError as error:
            if error.status == JobNotFound.status:
                return None
            raise
        is_unknown = (
            isinstance(answer, dict)
            and answer.get("error", {})
            and (answer["error"].get("code") == JobNotFound.code)
        )
        return None if is_unknown else (answer,)

    def _call_everybody(self, operation: str, params: dict[str, Any]) -> Any:
        """Let every member do it; the answer is home's."""
        home = self._members.home()
        answer = home.call(operation, params)
        for link in self._members.up():
            if link is not home:
                with suppress(HostUnavailable):
                    link.call(operation, params)
        return answer

    def _call_trash(self, about: Destination, operation: str, params: dict[str, Any]) -> Any:
        """Send what was deleted within a video to that video's member, all else to home."""
        home = self._members.home()
        listed = home.call("list_trash", {})["items"]
        item: dict[str, Any] = next((row for row in listed if row["trash_id"] == about.id), {})
        if item.get("video_id") and item.get("kind") != "video":
            return self._call_video(Destination(About.VIDEO, item["video_id"]), operation, params)
        return home.call(operation, params)

    def _list_videos(self, params: dict[str, Any]) -> Any:
        home = self._members.home()
        answer = home.call("list_videos", params)
        others = []
        for link in self._members.up():
            with suppress(HostUnavailable, RemoteError):
                others.append(link.control("rows"))
        rows = merge_videos(answer["videos"], others)
        held = {row["video_id"] for rows in others for row in rows}
        self._moves.place(
            row["video_id"]
            for row in rows
            if row["video_id"] not in held and row["state"] in ("new", "extracting")
        )
        return {**answer, "videos": rows}

    def _list_jobs(self, params: dict[str, Any]) -> Any:
        return merge_jobs(link.call("list_jobs", params) for link in self._members.all_up())

    def _server_status(self, params: dict[str, Any]) -> Any:
        home = self._members.home()
        others = [link for link in self._members.up() if link is not home]
        answers = [link.call("server_status", params) for link in (home, *others)]
        demand = describe_demand(link.figures for link in (home, *others))
        return {**merge_figures(answers), **demand}

    def _remember(self, link: MemberLink, answer: Any) -> Any:
        """Remember which member makes a stream."""
        if isinstance(answer, dict) and isinstance(answer.get("stream_id"), str):
            self._streams[answer["stream_id"]] = link.name
            for oldest in list(self._streams)[:-MAX_STREAMS]:
                del self._streams[oldest]
        return answer

    def _resync(self, video_id: str) -> None:
        """Have pages read a video again: its events of the last moments may be lost."""
        self.bus.publish(Event(EventName.RESYNC, {"video_id": video_id}, video_id))


def build_gateway(settings: Settings) -> Gateway:
    """Make the services of the process behind the web process."""
    return Gateway(settings)
