"""The progress of an import's job while masks are written."""

from __future__ import annotations

from sam2_session.core.frame_state import FrameState
from sam2_session.services.imports.import_job import ImportJob
from sam2_session.services.jobs.background import no_work
from sam2_session.storage.frame_rows import FrameRow


def rows(count: int) -> list[FrameRow]:
    return [FrameRow(at, 1, FrameState()) for at in range(count)]


def test_masks_that_are_written_are_counted_beside_those_that_were_read() -> None:
    job = ImportJob("1", "import", "clip", 200, no_work)
    job.done = 100

    job.expect_masks(100)
    assert (job.to_wire()["done"], job.to_wire()["total"]) == (100, 200)

    job.count_written(rows(60))
    told = job.to_wire()
    assert (told["done"], told["note"]) == (160, "Masks are being written: 60 of 100.")
    assert told["eta_s"] is not None

    job.count_written(rows(40))
    told = job.to_wire()
    assert (told["done"], told["total"], told["note"], told["eta_s"]) == (200, 200, None, 0)
