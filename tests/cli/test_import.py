"""Imports from the command line: dry run and import, in this process and over REST."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sam2_session.cli.__main__ import main
from sam2_session.settings import Settings
from tests.annotating import annotating, make_moving_clip, mask_bytes, settings_of
from tests.browser.pool import ServerPool
from tests.cli.test_export import run
from tests.formats.archives import mask_png

MASK = mask_png(1, (96, 160))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = settings_of(tmp_path)
    with annotating(settings):
        pass
    return settings


@pytest.fixture
def masks(tmp_path: Path) -> Path:
    """Make a folder of masks as another tool writes it."""
    folder = tmp_path / "masks"
    for name in ("tool", "junk"):
        (folder / name).mkdir(parents=True)
        (folder / name / "00001.png").write_bytes(MASK)
    return folder


def test_a_folder_is_looked_at_and_brought_in(
    settings: Settings, masks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("import", "clip", str(masks), "--map", "tool=1/shaft", "--map", "junk=")

    assert run(settings, *words, "--dry-run") == 0
    assert "  tool: 1 mask -> 1, shaft\n" in capsys.readouterr().out
    assert mask_bytes(settings, 0, region="shaft") == b""
    assert run(settings, *words) == 0
    assert mask_bytes(settings, 0, region="shaft") == MASK


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nothing.json",), "no file"),
        (("masks", "--map", "x"), "maps nothing"),
        (("masks", "--map", "tool=shaft"), "no pair"),
        (("masks", "--map", "tool=1/nose"), "no region"),
        (("masks", "--url", "http://127.0.0.1:9"), "cannot be reached"),
    ],
)
def test_what_cannot_be_is_said_with_a_hint(
    settings: Settings, masks: Path, capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...], message: str,
) -> None:  # fmt: skip
    name, *rest = words

    assert run(settings, "import", "clip", str(masks.with_name(name)), *rest) == 1
    assert message in capsys.readouterr().err


def test_a_folder_goes_to_a_server_as_a_zip(
    server_pool: ServerPool, tmp_path: Path, masks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with server_pool.lend(make_moving_clip(tmp_path / "clip.mp4")) as server:
        over = ("--map", "junk=", "--offset", "-1", "--url", server.url)
        assert main(["import", "clip", str(masks), *over, "--dry-run", "--json"], {}) == 0
        report = json.loads(capsys.readouterr().out)
        assert main(["import", "clip", str(masks), *over], {}) == 0

    assert report["frame_offset"] == -1
    assert {subject["name"] for subject in report["subjects"]} == {"tool", "junk"}
    assert "1 masks" in capsys.readouterr().out
