from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from sam2_session.cli.__main__ import main
from sam2_session.core.png import encode_gray8
from sam2_session.settings import Settings
from tests.annotating import annotating, settings_of
from tests.web.live import running_server


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Make a workspace with two painted masks that no server has open."""
    settings = settings_of(tmp_path_factory.mktemp("cli"))
    mask = np.zeros((96, 160), np.bool_)
    mask[20:40, 30:50] = True
    with annotating(settings) as ada:
        ada.open()
        for frame_idx in (0, 4):
            key = {"video_id": "clip", "instance_id": 1, "region": "shaft"}
            ada.call("set_mask", frame_idx=frame_idx, mask=encode_gray8(mask), **key)
    return settings


def run(settings: Settings, *words: str) -> int:
    folders = ["videos_dir", "outputs_dir", "checkpoints_dir", "configs_dir"]
    environ = {f"SAM2_SESSION_{name.upper()}": str(getattr(settings, name)) for name in folders}
    return main(words, environ)


def test_an_export_is_written_where_it_is_wanted(settings: Settings, tmp_path: Path) -> None:
    out = tmp_path / "masks.zip"

    code = run(
        settings, "export", "clip", "masks_zip", "--out", str(out), "--set", "digits=8",
        "--pair", "1/shaft", "--end", "3",
    )  # fmt: skip

    assert code == 0
    with zipfile.ZipFile(out) as file:
        assert file.namelist() == ["instance1/masks_shaft/00000001.png", "manifest.json"]
        assert json.loads(file.read("manifest.json"))["options"]["digits"] == 8


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("clip", "gif"), "no format 'gif'"),
        (("clip", "coco", "--set", "digits=7"), "one of 5, 8"),
        (("clip", "coco", "--set", "size=7"), "no option 'size'"),
        (("clip", "coco", "--pair", "shaft"), "like 1/shaft"),
        (("clip", "coco", "--url", "http://127.0.0.1:9"), "cannot be reached"),
    ],
)
def test_what_cannot_be_is_said_with_a_hint(
    settings: Settings, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    assert run(settings, "export", *words) == 1
    assert message in capsys.readouterr().err


def test_an_export_of_nothing_says_that_it_is_empty(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "masks.zip"

    assert run(settings, "export", "clip", "masks_zip", "--out", str(out), "--approved-only") == 0

    assert "frames, on none of which there is a mask or a point of what was chosen: 12" in (
        capsys.readouterr().err
    )
    with zipfile.ZipFile(out) as file:
        assert file.namelist() == ["manifest.json"]


def test_an_unknown_video_is_said_so(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(settings, "export", "nothing", "coco") == 1
    assert "No video 'nothing'" in capsys.readouterr().err


def test_formats_are_listed_with_their_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["formats"], {}) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split()[0] == "masks_zip"
    assert any(line.strip().startswith("opacity=0.5") for line in lines)
    assert "Read:" in lines
    assert lines[-1].startswith("points_json")


def test_a_server_is_asked_over_rest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running_server(tmp_path, "--async-mode", "threading", "--token", "s3cret") as live:
        words = ("export", "broken", "coco", "--url", live.origin)

        assert main([*words, "--token", "wrong"], {}) == 1
        assert main([*words, "--token", "s3cret"], {}) == 1

    said = capsys.readouterr().err.splitlines()
    assert "token" in said[0]
    assert "Something went wrong in the server" in said[1]
