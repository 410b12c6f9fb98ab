"""A video that is closed or deleted while others read it: they read it anew, or hear it is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

from sam2_session.core.errors import SessionError, VideoNotFound
from tests.annotating import BODY, Annotator

READS = ("list_suspicions", "list_suspicion_curves", "list_instances")
TIMES = 10


@contextmanager
def over_and_over(act: Callable[[], object]) -> Iterator[Callable[[], int]]:
    """Do this in a thread until the end of the block; yields a count of how often it was done."""
    over, times = Event(), [0]

    def repeat() -> None:
        while not over.is_set():
            act()
            times[0] += 1

    with ThreadPoolExecutor(1) as thread:
        ended = thread.submit(repeat)
        try:
            yield lambda: ended.result() if ended.done() else times[0]
        finally:
            over.set()
        ended.result()


@contextmanager
def reading(ada: Annotator) -> Iterator[list[SessionError]]:
    """Read the video over and over; yields the errors that came."""
    errors: list[SessionError] = []

    def read() -> None:
        for name in READS:
            try:
                ada.call(name, video_id="clip")
            except SessionError as error:
                errors.append(error)

    with over_and_over(read) as times:
        yield errors
        seen = times()
        ada.until(lambda: times() > seen)


def test_reads_go_on_while_their_video_is_closed(ada: Annotator) -> None:
    with (
        reading(ada) as errors,
        over_and_over(lambda: ada.services._projects.close_one("clip")) as times,
    ):
        ada.until(lambda: times() > TIMES)

    assert errors == []


def test_a_read_of_a_video_being_deleted_finds_it_or_hears_that_it_is_gone(ada: Annotator) -> None:
    ada.click(0, *BODY)
    with reading(ada) as errors:
        for _ in range(TIMES // 2):
            trash_id = ada.call("delete_video", video_id="clip")["trash_id"]
            ada.call("restore_video", trash_id=trash_id)

    assert {type(error) for error in errors} <= {VideoNotFound}
    [instance] = ada.call("list_instances", video_id="clip")["instances"]
    assert instance["instance_id"] == 1


def test_changes_go_on_while_their_video_is_closed(ada: Annotator) -> None:
    key = {"video_id": "clip", "instance_id": 1, "region": "overall"}
    with over_and_over(lambda: ada.services._projects.close_one("clip")):
        acks = [
            ada.command("add_point", key=key, frame_idx=n % 5, x=9, y=9, label=1)
            for n in range(TIMES)
        ]

    assert [ack["status"] for ack in acks] == ["applied"] * TIMES
