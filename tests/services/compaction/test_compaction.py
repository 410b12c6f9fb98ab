"""Compaction keeps every mask and every undo, and frees what is there twice or used no more."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, nullcontext
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from sam2_session.core.frame_state import Base, FrameState
from sam2_session.core.png import encode_gray8
from sam2_session.core.predictions import Prediction
from sam2_session.core.types import FramePrompt, Point, SessionKey
from sam2_session.services.compaction.compaction import VideoCompaction
from sam2_session.storage import history_rows
from sam2_session.storage.compaction_rows import KEPT_PREDICTIONS
from sam2_session.storage.database import Database, Transaction
from sam2_session.storage.frame_rows import (
    BaseRow,
    FrameRow,
    add_base,
    read_base,
    read_prediction,
    save_frame,
    save_prediction,
)
from sam2_session.storage.workspace import Workspace

ROOT = Path(__file__).parents[3]
KEY = SessionKey("clip", 1, "overall")
FRAMES = 600
COMPACT = """
import sys
from contextlib import nullcontext
from pathlib import Path
from sam2_session.services.compaction.compaction import VideoCompaction
from sam2_session.storage.database import Database
from sam2_session.storage.workspace import Workspace

outputs = Path(sys.argv[1])
workspace = Workspace(outputs, outputs)
db = Database(workspace.database_path("clip"))
print("begins", flush=True)
VideoCompaction(db, workspace, "clip", nullcontext).run(unused_up_to=10**9)
print("ended", flush=True)
db.close()
"""


def png_of(frame_idx: int) -> bytes:
    """A mask of its own for each frame, noisy, so that it is not small."""
    return encode_gray8(np.random.default_rng(frame_idx % 500).random((48, 64)) > 0.5)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Imported masks as a job leaves them: each PNG in the database and as a file."""
    workspace = Workspace(tmp_path, tmp_path)
    workspace.masks_dir(KEY).mkdir(parents=True)
    for frame_idx in range(FRAMES):
        workspace.mask_path(KEY, frame_idx).write_bytes(png_of(frame_idx))
    with closing(Database(workspace.database_path("clip"))) as db:
        db.write(_imported)
    return workspace


@pytest.fixture
def db(workspace: Workspace) -> Iterator[Database]:
    with closing(Database(workspace.database_path("clip"))) as db:
        yield db


def _imported(tx: Transaction) -> None:
    for frame_idx in range(FRAMES):
        base_id = add_base(tx, BaseRow(png_of(frame_idx), {"area": frame_idx}, None, None))
        state = FrameState(base=Base(base_id, is_prompt=True))
        if frame_idx % 2:
            save_frame(tx, KEY, FrameRow(frame_idx, 1, state))
        else:  # a mask that is no prompt leaves its history alone
            at = (KEY.instance_id, KEY.region, frame_idx)
            history_rows.push(tx, at, FrameState().to_json(), state.to_json())


def compaction(db: Database, workspace: Workspace) -> VideoCompaction:
    return VideoCompaction(db, workspace, "clip", nullcontext)


def bases(db: Database) -> list[bytes]:
    return [db.read(partial(read_base, base_id=n)).png for n in range(1, FRAMES + 1)]


def test_a_picture_that_lies_in_a_file_is_no_longer_in_the_database(
    db: Database, workspace: Workspace
) -> None:
    before = workspace.database_path("clip").stat().st_size
    freed = compaction(db, workspace).run(unused_up_to=0)
    size = db.shrink()

    assert freed.pictures == FRAMES
    assert size + workspace.database_path("clip").stat().st_size <= before + 10**6
    assert workspace.database_path("clip").stat().st_size < before / 2
    kept = list(workspace.pictures_dir("clip").iterdir())
    assert len(kept) == 500  # of the same content one
    assert workspace.mask_path(KEY, 3).stat().st_nlink == 2
    assert bases(db) == [png_of(n) for n in range(FRAMES)]


def test_a_mask_that_is_replaced_later_or_was_before_stays_below_the_prompts(
    db: Database, workspace: Workspace
) -> None:
    workspace.mask_path(KEY, 1).write_bytes(png_of(77))
    freed = compaction(db, workspace).run(unused_up_to=0)
    temp = workspace.mask_path(KEY, 0).with_suffix(".tmp")
    temp.write_bytes(b"another mask")
    temp.replace(workspace.mask_path(KEY, 0))
    workspace.mask_path(KEY, 2).unlink()

    assert freed.pictures == FRAMES - 1
    assert bases(db) == [png_of(n) for n in range(FRAMES)]


def test_bases_that_no_state_names_go_and_those_of_undos_stay(
    db: Database, workspace: Workspace
) -> None:
    def change(tx: Transaction) -> None:
        save_frame(tx, KEY, FrameRow(1, 2, FrameState()))
        before = FrameState(base=Base(1, is_prompt=True)).to_json()
        history_rows.push(tx, (1, "overall", 0), before, FrameState().to_json())
        history_rows.push(tx, (1, None, 0), [], [{"x": 1}])

    compacted = compaction(db, workspace)
    assert compacted.run(unused_up_to=0).bases == 0
    db.write(change)
    new_id = db.write(lambda tx: add_base(tx, BaseRow(b"on its way", {}, None, None)))

    freed = compacted.run(unused_up_to=new_id - 1)

    assert (freed.bases, freed.pictures) == (1, 0)
    assert db.read(lambda tx: read_base(tx, 1)).png == png_of(0)
    assert db.read(lambda tx: read_base(tx, new_id)).png == b"on its way"
    assert freed.bytes == 0  # frame 501 names the same picture


def test_predictions_of_far_states_go_and_those_of_now_and_of_near_undos_stay(
    db: Database, workspace: Workspace
) -> None:
    logits = np.zeros((4, 4), np.float32)
    packed = Prediction(logits, logits[0], 1.0).pack()
    points = [Point(n, n, 1) for n in range(60)]
    states = [FrameState()]
    states += [FrameState(FramePrompt(tuple(points[n - n % 20 : n + 1]))) for n in range(60)]

    def change(tx: Transaction) -> None:
        for before, after in zip(states, states[1:], strict=False):
            history_rows.push(tx, (1, "overall", 0), before.to_json(), after.to_json())
            save_prediction(tx, KEY, 0, after.digest, "net", packed)
        save_frame(tx, KEY, FrameRow(0, 9, states[-1]))

    db.write(change)
    freed = compaction(db, workspace).run(unused_up_to=0)
    left = db.read(lambda tx: [state for state in states if _has_prediction(tx, state)])

    assert freed.predictions == 60 - len(left)
    assert len(left) <= KEPT_PREDICTIONS
    assert states[-1] in left
    assert states[-2] in left


@pytest.mark.parametrize("commits", [0, 1, 2])
def test_a_kill_amid_a_compaction_loses_nothing(workspace: Workspace, commits: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", COMPACT, str(workspace.outputs_dir)],
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdout is not None
    process.stdout.readline()
    folder = workspace.pictures_dir("clip")
    while process.poll() is None and _count(folder) < commits * 200 + 50:
        time.sleep(0.001)
    os.kill(process.pid, signal.SIGKILL)
    process.stdout.close()
    process.wait()

    with closing(Database(workspace.database_path("clip"))) as db:
        assert bases(db) == [png_of(n) for n in range(FRAMES)]
        compaction(db, workspace).run(unused_up_to=0)
        assert bases(db) == [png_of(n) for n in range(FRAMES)]
        assert _count(folder) == 500


def _has_prediction(tx: Transaction, state: FrameState) -> bool:
    return read_prediction(tx, KEY, 0, state.digest, "net") is not None


def _count(folder: Path) -> int:
    return len(list(folder.iterdir())) if folder.exists() else 0
