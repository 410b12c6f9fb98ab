"""The command ``trash``, over the folders and over a server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sam2_session import Client
from sam2_session.cli.__main__ import main
from sam2_session.settings import Settings
from tests.annotating import annotating, make_moving_clip, settings_of
from tests.browser.pool import ServerPool
from tests.cli.test_export import run


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A workspace from which an instance was deleted."""
    settings = settings_of(tmp_path)
    with annotating(settings) as ada:
        ada.open()
        ada.call("create_instance", video_id="clip", name="forceps")
        who = {"client_id": "ada", "client_name": "Anna"}
        ada.call("delete_instance", video_id="clip", instance_id=2, **who)
    return settings


def instances(settings: Settings) -> list[str]:
    with annotating(settings) as ada:
        return [row["name"] for row in ada.call("list_instances", video_id="clip")["instances"]]


def test_what_was_deleted_is_listed_and_brought_back(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(settings, "trash") == 0
    line = capsys.readouterr().out
    assert "instance 2 · forceps of clip" in line
    assert line.endswith(", by Anna\n")

    trash_id = line.split()[0]
    assert run(settings, "trash", "restore", trash_id) == 0
    assert capsys.readouterr().out == "restored instance 2 · forceps\n"
    assert instances(settings) == ["tool 1", "forceps"]
    assert run(settings, "trash", "restore", trash_id) == 1
    assert "not in the trash" in capsys.readouterr().err


def test_a_server_does_the_same(
    server_pool: ServerPool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = make_moving_clip(tmp_path / "clip.mp4")
    with server_pool.lend(clip) as server, Client(server.url) as client:
        client.call("create_instance", video_id="clip", name="forceps")
        client.call("delete_instance", video_id="clip", instance_id=2)
        over = ("--url", server.url)
        assert main(("trash", "list", "--json", *over), {}) == 0
        (item,) = json.loads(capsys.readouterr().out)["items"]
        assert main(("trash", "restore", item["trash_id"], *over), {}) == 0
        assert "restored instance" in capsys.readouterr().out
        assert main(("trash", "empty", "--all", *over), {}) == 0
        assert capsys.readouterr().out == "removed 0, 0 B\n"


def test_it_is_emptied_only_when_told_what(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(settings, "trash", "empty") == 1
    assert "--all" in capsys.readouterr().err
    assert run(settings, "trash", "empty", "--all") == 0
    assert capsys.readouterr().out.startswith("removed 1, ")
    assert run(settings, "trash") == 0
    assert capsys.readouterr().out == "The trash is empty.\n"
