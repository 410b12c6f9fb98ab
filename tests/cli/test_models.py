"""``models``: checkpoints of the folder, fetched, checked and removed."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from sam2_session.cli.__main__ import main
from sam2_session.cli.sizes import shown_bytes
from sam2_session.settings import Settings
from tests.annotating import settings_of
from tests.cli.test_run import environ_of
from tests.import_graph import ROOT
from tests.models.conftest import DATA
from tests.models.file_server import Behaviour, serve


@pytest.fixture
def server() -> Behaviour:
    return Behaviour(DATA)


@pytest.fixture
def settings(tmp_path: Path, server: Behaviour) -> Iterator[Settings]:
    """A folder of checkpoints without the model `far`, which is served."""
    settings = settings_of(tmp_path, checkpoints_dir=tmp_path / "checkpoints")
    path = settings.configs_dir / "models.yaml"
    (first, *_) = yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
    with serve(server) as url:
        far = {"name": "far", "checkpoint": "far.pt", "url": url, "bytes": len(DATA), "demo": False}
        far = {**first, **far, "sha256": hashlib.sha256(DATA).hexdigest()}
        path.write_text(yaml.safe_dump({"models": [first, far]}), encoding="utf-8")
        yield settings


def models(settings: Settings, *words: str) -> int:
    return main(("models", *words), environ_of(settings))


def test_a_model_is_fetched_checked_and_removed(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    path = settings.checkpoints_dir / "far.pt"

    assert models(settings, "list", "far", "--json") == 0
    (row,) = json.loads(capsys.readouterr().out)["models"]
    assert (row["state"], row["bytes"], row["done"]) == ("missing", len(DATA), 0)
    assert models(settings, "pull", "far", "--quiet") == 0
    assert path.read_bytes() == DATA
    assert models(settings, "verify", "far") == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("far                      verified")
    assert models(settings, "remove", "far") == 0
    assert not path.exists()


def test_a_changed_file_is_found_though_it_was_right_before(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert models(settings, "pull", "far", "--quiet") == 0
    path = settings.checkpoints_dir / "far.pt"
    stat = path.stat()
    path.write_bytes(DATA[::-1])
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    assert models(settings, "verify", "far") == 1
    assert "not the right file" in capsys.readouterr().err


def test_ctrl_c_keeps_what_has_come_and_the_same_command_goes_on(
    settings: Settings, server: Behaviour, capsys: pytest.CaptureFixture[str]
) -> None:
    server.hold_after = len(DATA) // 2
    path = settings.checkpoints_dir / "far.pt"
    part = path.with_name("far.pt.part")
    command = [sys.executable, "-m", "sam2_session", "models", "pull", "far"]
    environ = {**os.environ, **environ_of(settings)}
    try:
        with subprocess.Popen(command, cwd=ROOT, env=environ, stderr=subprocess.PIPE) as process:
            while not part.is_file() or part.stat().st_size < len(DATA) // 3:
                assert process.poll() is None
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            _, said = process.communicate()
    finally:
        server.go_on.set()

    assert process.returncode == 130
    kept = part.stat().st_size
    assert f"Kept: {shown_bytes(kept)} of far; the same command goes on." in said.decode()
    assert b"Traceback" not in said
    assert models(settings, "list", "far", "--json") == 0
    (row,) = json.loads(capsys.readouterr().out)["models"]
    assert (row["state"], row["done"]) == ("missing", kept)
    assert models(settings, "pull", "far", "--quiet") == 0
    assert path.read_bytes() == DATA
    assert server.seen == [None, f"bytes={kept}-"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("pull",), "Name the models"),
        (("pull", "no-such"), "No model 'no-such'"),
        (("remove", "sam2.1_hiera_demo"), "comes with the program"),
        (("pull", "far", "--url", "http://127.0.0.1:9"), "folder of this machine"),
        (("list", "--url", "http://127.0.0.1:9"), "cannot be reached"),
    ],
)
def test_bad_requests_are_refused(
    settings: Settings, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    assert models(settings, *words) == 1
    assert message in capsys.readouterr().err
