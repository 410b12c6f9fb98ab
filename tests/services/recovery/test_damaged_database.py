"""A damaged database stops its own video alone, and can be replaced from the files beside it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sam2_session.cli.__main__ import main
from sam2_session.core.errors import NothingToDo
from sam2_session.settings import Settings
from tests.annotating import (
    Annotator,
    annotating,
    points_json,
)
from tests.cli.test_run import environ_of
from tests.networks import built_once

PAGE = 4096
EVERY_FRAME = list(range(12))


def overwrite(path: Path, start: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(data)


def replace_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def forget_a_table(path: Path) -> None:
    database = sqlite3.connect(path)
    database.execute("DROP TABLE frames")
    database.commit()
    database.close()


DAMAGE: dict[str, Callable[[Path], Any]] = {
    "a header of zeros": lambda path: overwrite(path, 0, bytes(100)),
    "half of it": lambda path: os.truncate(path, path.stat().st_size // 2),
    "a page of noise": lambda path: overwrite(
        path, path.stat().st_size // 2 // PAGE * PAGE, os.urandom(PAGE)
    ),
    "a schema of noise": lambda path: overwrite(path, 100, os.urandom(3900)),
    "text": lambda path: path.write_text("hello"),
    "noise": lambda path: path.write_bytes(os.urandom(path.stat().st_size)),
    "a folder": replace_by_folder,
    "a table less": forget_a_table,
}


def database(settings: Settings) -> Path:
    return settings.outputs_dir / "clip/session.sqlite3"


def frames_with_points(ada: Annotator) -> list[int]:
    listed = ada.call("get_prompts", video_id="clip", instance_id=1, region="overall")
    return [frame["frame_idx"] for frame in listed["prompts"]]


def masks(ada: Annotator) -> list[int]:
    listed = ada.call("list_masks", video_id="clip", instance_id=1, region="overall")
    return [mask["frame_idx"] for mask in listed["masks"]]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_database_stops_its_video_alone_until_it_is_mended(
    settings: Settings, damage: str
) -> None:
    before = points_json(settings)["frames"]
    DAMAGE[damage](database(settings))

    with annotating(settings) as ada:
        ada.open("other")
        states = {video["video_id"]: video for video in ada.call("list_videos")["videos"]}
        assert states["other"]["state"] == "ready"
        assert states["clip"]["state"] == "failed"
        assert states["clip"]["error"]["code"] == "database_damaged"
        ack = ada.send("open_video", video_id="clip")
        assert ack["error"]["code"] == "database_damaged"
        assert points_json(settings)["frames"] == before

        mended = ada.call("mend_video", video_id="clip")
        ada.until(
            lambda: ada.call("get_job", job_id=mended["jobs"][0]["job_id"])["state"] == "done"
        )

        assert frames_with_points(ada) == [0, 3]
        ada.until(lambda: masks(ada) == EVERY_FRAME)
        kept = settings.outputs_dir / "clip" / mended["set_aside"]
        assert (kept / "session.sqlite3").exists()
        with pytest.raises(NothingToDo):
            ada.call("mend_video", video_id="clip")


def test_the_command_line_mends_a_video(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    database(settings).write_text("hello")

    with built_once():
        assert main(("doctor", "--mend", "clip"), environ_of(settings)) == 0
        assert capsys.readouterr().out.startswith("clip is mended; its damaged database is kept")
        assert main(("doctor", "--mend", "clip"), environ_of(settings)) == 1

    assert "whole" in capsys.readouterr().err


def test_an_empty_database_is_a_missing_one(settings: Settings) -> None:
    os.truncate(database(settings), 0)

    with annotating(settings) as ada:
        ada.open("clip")
        ada.until(lambda: masks(ada) == EVERY_FRAME)
        assert frames_with_points(ada) == [0, 3]


def test_a_lock_that_is_a_folder_is_told_by_name(settings: Settings) -> None:
    lock = settings.outputs_dir / "clip/.lock"
    lock.unlink()
    lock.mkdir()

    with annotating(settings) as ada:
        ada.open("other")
        ack = ada.send("open_video", video_id="clip")
        assert "clip/.lock" in ack["error"]["message"]
        lock.rmdir()

        ada.open("clip")
        assert frames_with_points(ada) == [0, 3]
