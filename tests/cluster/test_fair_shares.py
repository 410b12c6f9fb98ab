"""A client has no more of a cluster because its videos are on many devices."""

from __future__ import annotations

from collections import Counter

import pytest

from sam2_session.cluster.members import runs_elsewhere
from sam2_session.cluster.open_videos import OpenVideos
from sam2_session.core.errors import ServerBusy


def test_runs_elsewhere_are_counted_by_client() -> None:
    members = {
        "one": {"run_clients": ["ada"]},
        "two": {"run_clients": ["ada"]},
        "three": {"run_clients": ["bob"]},
        "four": {},  # has just come
    }

    assert runs_elsewhere("one", members) == {"ada": 1, "bob": 1}
    assert runs_elsewhere("four", members) == {"ada": 2, "bob": 1}


def test_the_limit_of_open_videos_is_that_of_all_members() -> None:
    viewed = Counter({"a": 1, "b": 2})  # through other gateways, too
    videos = OpenVideos(3, viewed.copy)

    assert videos.enter("ada", "c") is None
    with pytest.raises(ServerBusy, match="3 videos are open, as many as allowed"):
        videos.enter("bob", "d")
    assert videos.enter("bob", "a") is None
    assert videos.enter("ada", "d") == "c"
    assert videos.leave("ada") == "d"
    assert videos.leave("ada") is None
    assert videos.enter("bob", "d") == "a"


def test_without_a_limit_nobody_is_asked() -> None:
    videos = OpenVideos(0, viewed=lambda: pytest.fail("asked"))

    assert videos.enter("ada", "a") is None
