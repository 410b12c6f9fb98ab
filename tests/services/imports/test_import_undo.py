"""Imports are all or nothing, whatever stops them, and can be taken back as a whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sam2_session.core.errors import NothingToDo
from sam2_session.core.frame_state import Base, FrameState
from sam2_session.services.build import build_services
from sam2_session.settings import Settings
from sam2_session.storage.frame_rows import FrameRow, save_frame
from sam2_session.storage.mask_rows import drop_mask
from sam2_session.storage.op_rows import current_rev
from tests.annotating import BODY, Annotator, mask_array, mask_bytes
from tests.formats.archives import mask_png, square
from tests.services.imports.conftest import Importer
from tests.services.imports.steps import KEY, SIZE_HW, everything, listed, masks_of


def test_undo_takes_all_of_it_back_and_leaves_what_was_there(
    importer: Importer, ada: Annotator, settings: Settings, drawn: Callable[[int], None]
) -> None:
    ada.click(0, *BODY)
    ada.propagate()
    before = everything(settings, ada)
    rows = [{"frame": 5, "box": [10, 10, 70, 50]}, {"frame": 6, "x": 9, "y": 9, "label": 0}]
    first = importer.take(importer.zip(masks_of(2, 3, 4)))
    second = importer.take(
        {"prompts": rows, "keypoints": [{"frame": 1, "x": 5, "y": 5, "name": "tip"}]}
    )
    ada.until(lambda: {(5, "human"), (6, "human")} <= set(listed(ada)))

    assert importer.undo(second)["frames"] == 2
    assert importer.undo(first)["frames"] == 3
    assert_same(everything(settings, ada), before)


def assert_same(now: Any, before: Any) -> None:
    """But for files that are empty of content now and were not there before."""
    assert now[0] == before[0]
    assert [one["prompts"] for one in now[1]] == [one["prompts"] for one in before[1]]
    assert now[2] == before[2]
    names = {name for name, _ in before[3]}
    assert [one for one in now[3] if one[0] in names] == before[3]


def test_what_was_done_after_an_import_outlives_its_undo(
    importer: Importer, ada: Annotator, drawn: Callable[[int], None]
) -> None:
    job = importer.take(importer.zip(masks_of(2, 3)))
    ada.click(3, *BODY)

    assert importer.undo(job) == {
        "rev": ada.call("list_imports", video_id="clip")["imports"][0]["rev"] + 2,
        "import_id": job["job_id"], "frames": 1, "kept": 1,
    }  # fmt: skip
    assert listed(ada) == [(3, "human")]
    with pytest.raises(NothingToDo):
        importer.undo(job)


def test_one_frame_of_an_import_can_be_undone_by_itself(importer: Importer, ada: Annotator) -> None:
    importer.take(importer.zip(masks_of(2, 3)))
    ada.call("undo", video_id="clip", instance_id=1, region="overall", frame_idx=2)

    assert listed(ada) == [(3, "imported")]


def test_a_cancelled_import_leaves_nothing(
    importer: Importer, ada: Annotator, settings: Settings
) -> None:
    before = everything(settings, ada)
    with ada.services._projects.get("clip").lock:  # it cannot look at frames meanwhile
        job = importer.send(importer.zip(masks_of(*range(10))))
        ada.call("cancel", job_id=job["job_id"])
    ended = importer.ended(job["job_id"])

    assert ended["state"] == "cancelled"
    assert everything(settings, ada) == before
    assert list(settings.videos_dir.glob(".upload*")) == []
    bases = "SELECT count(*) FROM bases"
    assert ada.services._projects.get("clip").db.read(lambda tx: tx.execute(bases).fetchone()) == (
        0,
    )


def test_a_restart_finds_the_import_and_can_take_it_back(
    importer: Importer, ada: Annotator, settings: Settings
) -> None:
    job = importer.take(importer.zip(masks_of(2, 3)))
    ada.services.close()
    services = build_services(settings)
    try:
        again = Annotator(services)
        assert listed(again) == [(2, "imported"), (3, "imported")]
        assert (
            services.handle("undo_import", {"video_id": "clip", "import_id": job["job_id"]})[
                "frames"
            ]
            == 2
        )
        assert listed(again) == []
    finally:
        services.close()


def test_masks_that_a_crash_kept_from_the_disk_follow_at_the_next_start(
    importer: Importer, ada: Annotator, settings: Settings
) -> None:
    importer.take(importer.zip(masks_of(2, 3)))
    project = ada.services._projects.get("clip")
    key = project.pairs()[0]
    state = FrameState(base=Base(2))  # as the import committed it
    project.db.write(lambda tx: save_frame(tx, key, FrameRow(3, current_rev(tx), state)))
    project.db.write(lambda tx: drop_mask(tx, key, 3))
    project.workspace.mask_path(key, 3).unlink()
    ada.services.close()
    services = build_services(settings)
    try:
        assert listed(Annotator(services)) == [(2, "imported"), (3, "imported")]
        assert np.array_equal(mask_array(settings, 3) > 0, square(3, SIZE_HW))
    finally:
        services.close()


def test_what_a_run_made_over_an_import_outlives_its_undo(
    importer: Importer, ada: Annotator
) -> None:
    job = importer.take(importer.zip(masks_of(2, 3)))
    ada.click(0, *BODY)
    ada.propagate(end=2)

    undone = importer.undo(job)
    assert (undone["frames"], undone["kept"]) == (1, 1)
    assert [idx for idx, _ in listed(ada)] == [0, 1, 2]


def test_dropped_masks_stay_dropped_after_a_restart(
    importer: Importer, ada: Annotator, settings: Settings
) -> None:
    importer.take(importer.zip(masks_of(2, 3)))
    ada.call("drop_masks", **KEY)
    ada.services.close()
    services = build_services(settings)
    try:
        assert listed(Annotator(services)) == []
    finally:
        services.close()


def test_an_import_taken_back_frame_by_frame_can_be_made_again(
    importer: Importer, ada: Annotator, settings: Settings
) -> None:
    importer.undo(importer.take(importer.zip(masks_of(2))))
    assert listed(ada) == []

    ada.call("redo", **KEY, frame_idx=2)
    assert listed(ada) == [(2, "imported")]
    assert mask_bytes(settings, 2) == mask_png(2, SIZE_HW)
