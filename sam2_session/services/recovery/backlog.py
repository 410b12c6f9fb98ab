"""Videos that are still to be recovered; whoever uses one of them first recovers it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sam2_session.runtime import Condition, thread_id


class RecoveryBacklog:
    """Has each video recovered once, by one thread; others who need it wait for that."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._left: dict[str, int | None] = {}  # by video: the thread that recovers it
        self._recover: Callable[[str], None] = lambda _: None
        self._given_up = False

    def put(self, video_ids: Sequence[str], recover: Callable[[str], None]) -> None:
        """Note videos that nobody may use before `recover` was called for them."""
        with self._changed:
            self._recover = recover
            self._left.update(dict.fromkeys(video_ids))

    def require(self, video_id: str) -> None:
        """Return once a video is recovered; whoever recovers it may use it meanwhile.

        Hold no lock: recovering takes those of the project and of the list of videos.
        """
        if video_id in self._left and self._is_mine(video_id):
            try:
                self._recover(video_id)
            finally:
                with self._changed:
                    del self._left[video_id]
                    self._changed.notify_all()

    def _is_mine(self, video_id: str) -> bool:
        """Tell if this thread is to recover a video; if another one does, wait for it."""
        with self._changed:
            if self._left.get(video_id, 0) is None and not self._given_up:
                self._left[video_id] = thread_id()
                return True
            if self._left.get(video_id) != thread_id():
                self._changed.wait_for(lambda: self._left.get(video_id) is None)
            return False

    def wait_until_empty(self, timeout_s: float | None = None) -> bool:
        """Wait until all are recovered; False if they are not, after that time or for ever."""
        with self._changed:
            self._changed.wait_for(lambda: not self._left or self._given_up, timeout_s)
            return not self._left

    def give_up(self) -> None:
        """Recover none of those that are left."""
        with self._changed:
            self._given_up = True
            self._changed.notify_all()

    def __len__(self) -> int:
        return len(self._left)
