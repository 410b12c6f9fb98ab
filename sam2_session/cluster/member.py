"""The session services of one device of a cluster, for the videos whose leases they hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sam2_session.cluster.destinations import video_of
from sam2_session.cluster.home import Home
from sam2_session.cluster.idle_leases import IdleLeases
from sam2_session.cluster.item_controls import item_controls
from sam2_session.core.errors import InvalidRequest, VideoElsewhere
from sam2_session.runtime import Lock
from sam2_session.services.build import SessionServices
from sam2_session.settings import Settings
from sam2_session.storage.leases import HOME, LeaseBook
from sam2_session.storage.workspace import is_video_id

MAX_VIDEOS_OF_A_CALL = 64  # beside the video that the call names


class Member:
    """Takes the lease of a video when the first call for it comes, and keeps it."""

    def __init__(self, settings: Settings, name: str) -> None:
        self._settings = settings
        self._outputs_dir = settings.outputs_dir
        settings.outputs_dir.mkdir(parents=True, exist_ok=True)
        self._leases = LeaseBook(settings.outputs_dir, name)
        self._leases.when_needed = self.hold
        self._services = SessionServices(settings, self._leases)
        self.bus = self._services.bus
        self._home: Home | None = None
        self._is_draining = False
        self._locks: dict[str, Lock] = {}
        self._idle = IdleLeases(self._leases.held, self._services.handover.is_busy, self.release)
        self._of_items = item_controls(self._services.batches.item_runs)
        self._services.find_videos()
        self._services.load_model()

    def handle(self, operation: str, params: dict[str, Any]) -> Any:
        """Run an operation. Raises `VideoElsewhere` if another member has its video."""
        video_id = video_of(operation, params)
        if video_id is not None:
            self.hold(video_id)
        try:
            return self._handle(operation, params)
        finally:
            if video_id is not None and "delete_video" in (operation, params.get("operation")):
                self._forget_deleted(video_id)

    def _handle(self, operation: str, params: dict[str, Any]) -> Any:
        """Run an operation, and take the videos that it needs beside the one it names."""
        for _ in range(MAX_VIDEOS_OF_A_CALL):
            try:
                return self._services.handle(operation, params)
            except VideoElsewhere as missing:
                self.hold(missing.video_id)
        return self._services.handle(operation, params)

    def _forget_deleted(self, video_id: str) -> None:
        """Give up the lease of a video that is gone: another may get its name."""
        with self._lock_of(video_id):
            if not self._is_known(video_id):
                self._leases.release(video_id)

    def control(self, name: str, params: dict[str, Any]) -> Any:
        """Do what a gateway wants of this member, and not of a video."""
        controls: dict[str, Callable[..., Any]] = {
            "figures": self.figures,
            "hold": self.hold,
            "release": self.release,
            "rows": self.rows,
            "drain": self.drain,
            "reread": self._services.reread,
        }
        if name in self._of_items:
            self.hold(params["video_id"])
            return self._of_items[name](**params)
        if name not in controls:
            raise InvalidRequest(f"There is no control {name[:80]!r}.")
        return controls[name](**params)

    def hold(self, video_id: str) -> None:
        """Become the writer of a video; of one that does not exist nothing happens."""
        self._idle.note_use(video_id)
        with self._lock_of(video_id):
            if not self._is_known(video_id):
                return
            if not self._leases.claim(video_id):
                return
            try:
                self._services.handover.take(video_id)
            except BaseException:
                self._leases.release(video_id)  # the next call tries again
                raise

    def release(self, video_id: str) -> bool:
        """Hand a video over, its runs included; whether it was held here. Raises `Conflict`."""
        with self._lock_of(video_id):
            if not self._leases.holds(video_id):
                return False
            if self._is_known(video_id):  # else it was deleted
                self._services.handover.give(video_id)
            self._leases.release(video_id)
            return True

    def figures(
        self, *, is_home: bool = False, elsewhere: Mapping[str, int] | None = None
    ) -> dict[str, Any]:
        """Describe the load; `is_home` gives this member what belongs to no video.

        `elsewhere` counts, by client, the runs that are under way on other members.
        """
        if elsewhere is not None:
            self._services.handover.weigh_runs(elsewhere)
        if is_home and self._home is None and not self._is_draining:
            with self._lock_of(HOME):
                if self._leases.claim(HOME):
                    self._become_home()
        return {
            **self._services.load(),
            "videos": self._idle.by_last_use(),
            "memory_bytes": _resident_bytes(),
            "home": self._home is not None,
            "items_left": self._services.batches.processing.items_left() if self._home else 0,
            "draining": self._is_draining,
        }

    def _become_home(self) -> None:
        try:
            self._home = Home(self._settings, self._services, self._leases.holds)
        except BaseException:
            self._leases.release(HOME)  # the next call tries again
            raise

    def rows(self) -> list[dict[str, Any]]:
        """Return the videos of this member, as `list_videos` does."""
        return self._services.handover.rows(self._leases.held())

    def drain(self, *, on: bool = True) -> None:
        """Take no more videos; the gateway moves those that are here."""
        self._is_draining = on

    def close(self) -> None:
        """End the services, and release every lease."""
        self._idle.close()
        self._services.close()
        if self._home is not None:
            self._home.close()
        self._leases.close()

    def _is_known(self, video_id: str) -> bool:
        return is_video_id(video_id) and (self._outputs_dir / video_id / "video.json").is_file()

    def _lock_of(self, video_id: str) -> Lock:
        return self._locks.setdefault(video_id, Lock())


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096
