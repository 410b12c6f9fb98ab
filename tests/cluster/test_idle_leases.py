"""A member gives back the videos that nobody uses, and no other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sam2_session.cluster import idle_leases
from sam2_session.cluster.idle_leases import IdleLeases
from sam2_session.core.errors import Conflict


@pytest.fixture
def held() -> list[str]:
    return ["a", "b", "busy", "kept"]


@pytest.fixture
def leases(held: list[str]) -> Iterator[IdleLeases]:
    def release(video_id: str) -> None:
        if video_id == "kept":
            raise Conflict("A job of kept has just begun.")
        held.remove(video_id)

    leases = IdleLeases(lambda: sorted(held), lambda video_id: video_id == "busy", release)
    yield leases
    leases.close()


def test_only_unused_videos_are_given_back(
    leases: IdleLeases, held: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for video_id in reversed(held):
        leases.note_use(video_id)
    assert leases.by_last_use() == ["kept", "busy", "b", "a"]

    leases.give_back()
    assert held == ["a", "b", "busy", "kept"]

    monkeypatch.setattr(idle_leases, "IDLE_S", 0.0)
    leases.give_back()
    assert held == ["busy", "kept"]
