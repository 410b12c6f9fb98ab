"""Flags: on rows alone, and on masks that go through the writer to disk."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
import pytest

from sam2_session.core.events import Event
from sam2_session.core.masks import MaskFacts
from sam2_session.core.predictions import Prediction
from sam2_session.core.types import JobState, MaskFlag, MaskSource, SessionKey
from sam2_session.services.masks.replaced_masks import ReplacedMasks
from sam2_session.services.projects.project import Project
from sam2_session.services.propagation.mask_flags import FlagFinder
from sam2_session.services.propagation.mask_flags import flags_of as find_flags
from sam2_session.services.propagation.mask_writer import MaskWriter, PredictedFrame
from sam2_session.services.propagation.run_job import RunJob
from sam2_session.settings import Settings
from sam2_session.storage.job_rows import JobRow, list_jobs, save_job
from sam2_session.storage.mask_rows import MaskRow, list_masks
from tests.annotating import Annotator, annotating, mask_bytes

KEY = SessionKey("clip", 1, "overall")
FRAME_AREA = 1000
LOST, SWALLOW = MaskFlag.LOST, MaskFlag.SWALLOW


def row(frame_idx: int, area: int, *flags: MaskFlag, human: bool = False) -> MaskRow:
    source = MaskSource.HUMAN if human else MaskSource.PROPAGATED
    return MaskRow(frame_idx, 1, source, MaskFacts(area, None), 1, 1.0, flags=flags)


def flags_of(areas: Sequence[int], lost_frames: int = 3) -> list[tuple[MaskFlag, ...]]:
    """The flags a run of these areas gets as each comes; the first is clicked."""
    rows = [row(0, areas[0], human=True)]
    for frame_idx, area in enumerate(areas[1:], start=1):
        new = row(frame_idx, area)
        found = find_flags(new, rows[::-1], lost_frames, FRAME_AREA)
        rows.append(row(frame_idx, area, *found.flags))
    return [flagged.flags for flagged in rows]


def test_the_third_empty_mask_in_a_row_means_lost() -> None:
    assert flags_of([50, 0, 0, 60, 0, 0, 0, 0, 60]) == [()] * 6 + [(LOST,)] * 2 + [()]


def test_lost_is_raised_once_and_marks_from_the_first() -> None:
    empty = [row(4, 0), row(3, 0), row(2, 50)]
    flagged = [row(5, 0, LOST), row(4, 0, LOST), row(3, 0, LOST)]

    assert find_flags(row(5, 0), empty, 3, FRAME_AREA).raised == {LOST: 3}
    assert find_flags(row(6, 0), flagged, 3, FRAME_AREA).raised == {}


def test_a_mask_that_a_person_left_empty_is_no_loss() -> None:
    assert flags_of([0, 0, 0, 60]) == [()] * 4


def test_zero_lost_frames_is_never() -> None:
    assert flags_of([50] + [0] * 20, lost_frames=0) == [()] * 21


def test_a_mask_that_jumps_over_most_of_the_frame_swallows_it() -> None:
    flags = flags_of([50, 60, 55, 900, *[950] * 30, 60])

    assert flags == [()] * 3 + [(SWALLOW,)] * 31 + [()]


def test_a_mask_that_comes_out_of_nothing_swallows_too() -> None:
    assert flags_of([50, *[0] * 20, 900], lost_frames=0)[-1] == (SWALLOW,)


def test_coming_near_in_frames_is_no_swallowing() -> None:
    areas = [int(50 * 1.15**step) for step in range(22)]

    assert areas[-1] > FRAME_AREA * 0.9
    assert flags_of(areas) == [()] * 22


def test_a_small_mask_may_grow_at_once() -> None:
    assert flags_of([10, 12, 400, 490]) == [()] * 4


def found(frame_idx: int, share: float, *, reverse: bool = False) -> PredictedFrame:
    """A frame whose mask covers this share of the frame, from the top."""
    logits = np.full((96, 96), -9.0, np.float32)
    logits[: round(96 * share)] = 9.0
    prediction = Prediction(logits, np.zeros(4, np.float32), 4.0 if share else -4.0)
    return PredictedFrame(frame_idx, frame_idx, {KEY: prediction}, reverse)


def carry(
    ada: Annotator,
    frames: Sequence[PredictedFrame],
    on_guard: str = "go_on",
    done: int = 0,
    run: int = 7,
) -> tuple[Project, MaskWriter]:
    """Hand frames over as a run does."""
    project, writer = open_writer(ada, on_guard, done, run)
    for frame in frames:
        writer.put(frame)
    writer.close()
    return project, writer


def open_writer(
    ada: Annotator, on_guard: str = "go_on", done: int = 0, run: int = 7
) -> tuple[Project, MaskWriter]:
    """Open the project and a writer as a run does; the clip has 12 frames."""
    project = ada.services._projects.get("clip")
    reach = {"pairs": [], "start": 0, "end": 11, "direction": "forward"}
    params = {**reach, "on_guard": on_guard}
    job = JobRow("j", "propagate", JobState.RUNNING, params, run, done, 12)
    project.db.write(lambda tx: save_job(tx, job))
    running = RunJob("clip", job, ada.services._runs._runner)
    flags = FlagFinder(project, job, lost_frames=3)
    replaced = ReplacedMasks(ada.services._settings.replaced_bytes)
    return project, MaskWriter(project, running, ada.services.bus, flags, replaced)


def stored(project: Project) -> dict[int, tuple[MaskFlag, ...]]:
    return {one.frame_idx: one.flags for one in project.db.read(lambda tx: list_masks(tx, KEY))}


SHARES = [0.2, 0.2, 0, 0, 0, 0, 0.2, 0.9, 0.9, 0.2]
FLAGS: list[tuple[MaskFlag, ...]] = [(), (), *[(LOST,)] * 4, (), (SWALLOW,), (SWALLOW,), ()]


def test_flags_are_stored_announced_and_listed(ada: Annotator) -> None:
    project, _ = carry(ada, [found(idx, share) for idx, share in enumerate(SHARES)])
    listed = ada.call("list_masks", video_id="clip", instance_id=1, region="overall")["masks"]

    assert stored(project) == dict(enumerate(FLAGS))
    assert [tuple(mask["flags"]) for mask in listed] == FLAGS
    announced = {mask["frame_idx"]: tuple(mask["flags"]) for mask in ada.of("mask_saved")}
    assert announced == dict(enumerate(FLAGS))
    assert {mask["score"] for mask in listed} == {4.0, -4.0}


def test_a_backward_pass_looks_the_other_way(ada: Annotator) -> None:
    shares = dict(enumerate(SHARES[:6]))
    frames = [found(11 - idx, share, reverse=True) for idx, share in shares.items()]

    project, _ = carry(ada, frames)

    assert stored(project) == {11 - idx: FLAGS[idx] for idx in shares}


@pytest.mark.parametrize("stop", range(1, 10))
def test_a_run_that_was_killed_raises_the_same_flags(settings: Settings, stop: int) -> None:
    frames = [found(idx, share) for idx, share in enumerate(SHARES)]
    with annotating(settings) as ada:
        ada.open()
        carry(ada, frames[:stop])
    with annotating(settings, first_seq=100) as ada:
        ada.open()
        project, _ = carry(ada, frames[stop:], done=stop)

        assert stored(project) == dict(enumerate(FLAGS))


def approve(ada: Annotator, frames: list[list[int]]) -> None:
    ack = ada.send("approve", key=KEY.to_wire(), frames=frames, approved=True)
    assert ack["status"] == "applied", ack


def test_a_mask_approved_before_it_is_flagged_stays_approved(ada: Annotator) -> None:
    frames = [found(idx, share) for idx, share in enumerate(SHARES)]
    carry(ada, frames[:4])
    approve(ada, [[2, 3]])

    project, _ = carry(ada, frames[4:5], done=4)

    rows = {one.frame_idx: one for one in project.db.read(lambda tx: list_masks(tx, KEY))}
    told = {one["frame_idx"]: one for one in ada.of("mask_saved")}
    for frame_idx in (2, 3):
        assert (rows[frame_idx].flags, rows[frame_idx].approved) == ((LOST,), True)
        assert (told[frame_idx]["flags"], told[frame_idx]["approved"]) == (["lost"], True)


def test_empty_masks_that_a_person_approved_are_kept_and_no_loss(ada: Annotator) -> None:
    shares = [0.2, 0, 0, 0.2, 0, 0, 0.2]
    carry(ada, [found(idx, share) for idx, share in enumerate(shares)])
    approve(ada, [[1, 2]])
    before = [mask_bytes(ada.services._settings, idx) for idx in (1, 2)]

    frames = [found(idx, share) for idx, share in enumerate([0.2, 0.9, 0.9, 0, 0, 0.2, 0.2])]
    project, _ = carry(ada, frames, run=8)

    assert stored(project) == dict.fromkeys(range(7), ())
    assert [mask_bytes(ada.services._settings, idx) for idx in (1, 2)] == before


def test_an_approval_is_never_told_before_the_mask_it_is_of(ada: Annotator) -> None:
    clicks: list[threading.Thread] = []

    def approve_the_next(event: Event) -> None:
        if event.name == "mask_saved" and event.data["frame_idx"] == 2:
            clicks.append(threading.Thread(target=approve, args=(ada, [[3, 3]])))
            clicks[0].start()
            clicks[0].join(0.3)  # it has to wait

    ada.services.bus.subscribe(approve_the_next)
    project, writer = open_writer(ada)
    with project.lock:  # so that the first waits, and the others are saved together
        writer.put(found(0, 0.2))
        ada.until(writer._frames.empty)
        for frame_idx in range(1, 6):
            writer.put(found(frame_idx, 0.2))
    writer.close()
    clicks[0].join()

    names = [
        event.name
        for event in ada.events
        if event.data.get("frame_idx") == 3 or event.name == "masks_approved"
    ]
    assert names == ["mask_saved", "masks_approved"]


def test_a_pause_keeps_what_it_found_and_nothing_beyond(ada: Annotator, settings: Settings) -> None:
    frames = [found(idx, share) for idx, share in enumerate(SHARES)]

    project, writer = carry(ada, frames, "pause")

    assert writer.pause is not None
    pair = {"instance_id": 1, "region": "overall"}
    paused = {"flag": "lost", "frame_idx": 2, "pairs": [pair]}
    (job,) = project.db.read(list_jobs)
    assert (job.state, job.done, job.paused) == (JobState.CANCELLED, 4, paused)
    assert stored(project) == dict(enumerate(FLAGS[:5]))
    assert not mask_bytes(settings, 5)


def test_a_paused_run_goes_on_behind_the_mask_that_raised_the_flag(ada: Annotator) -> None:
    frames = [found(idx, share) for idx, share in enumerate(SHARES)]
    carry(ada, frames, "pause")

    project, writer = carry(ada, frames[5:], "pause", done=4)

    assert writer.pause is not None
    assert (writer.pause.flag, writer.pause.frame_idx, writer.pause.done) == (SWALLOW, 7, 7)
    assert stored(project) == dict(enumerate(FLAGS[:8]))


def test_a_flag_on_the_last_frame_ends_the_run_as_usual(ada: Annotator) -> None:
    _, writer = carry(ada, [found(11, 0.2), found(12, 0.9)], "pause")

    assert writer.pause is None


def test_a_new_run_takes_old_flags_away(ada: Annotator) -> None:
    carry(ada, [found(idx, share) for idx, share in enumerate(SHARES)])

    project, _ = carry(ada, [found(idx, 0.2) for idx in range(10)])

    assert set(stored(project).values()) == {()}
