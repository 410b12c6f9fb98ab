"""``doctor``: this machine, and a server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from sam2_session.cli.__main__ import main
from sam2_session.cli.doctor_speed import TrackSpeed, speed_words
from sam2_session.runtime import listen_tcp
from sam2_session.settings import Settings
from tests.annotating import settings_of
from tests.cli.test_run import environ_of
from tests.networks import built_once


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(tmp_path)


def doctor(settings: Settings, *words: str, port: int = 0) -> int:
    environ = environ_of(settings) | {"SAM2_SESSION_PORT": str(port)}
    with built_once():
        return main(("doctor", "--json", *words), environ)


def checks_in(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, str]]:
    return {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}


def test_a_working_machine_clicks_on_the_demo_clip(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert doctor(settings) == 0

    checks = checks_in(capsys)
    assert list(checks) == [
        "versions", "device", "videos_dir", "outputs_dir", "checkpoints_dir", "port", "model",
        "click",
    ]  # fmt: skip
    assert "pixels of the demo clip in" in checks["click"]["text"]
    assert "torch" in checks["device"]["text"]
    assert "fp32: chosen by --precision" in checks["device"]["text"]
    assert not settings.outputs_dir.exists()


def test_what_is_wrong_comes_with_what_to_do(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str], free_port: int
) -> None:
    broken = settings_of(tmp_path, checkpoints_dir=tmp_path / "checkpoints")
    broken.checkpoints_dir.mkdir()
    (broken.checkpoints_dir / "sam2.1_hiera_demo.pt").write_bytes(b"cut off")
    listener = listen_tcp("127.0.0.1", free_port)
    try:
        assert doctor(broken, "--device", "cuda:99", port=free_port) == 1
    finally:
        listener.close()

    checks = checks_in(capsys)
    assert (checks["device"]["state"], checks["model"]["state"]) == ("bad", "bad")
    assert "--device cpu" in checks["device"]["hint"]
    assert "git checkout" in checks["model"]["hint"]
    assert checks["port"]["state"] == "warning"
    assert "click" not in checks


def test_a_server_that_is_not_there_is_bad(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert doctor(settings, "--url", "http://127.0.0.1:9") == 1
    assert "cannot be reached" in checks_in(capsys)["server"]["text"]


@pytest.mark.slow
def test_every_way_to_compute_is_measured(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    before = torch.get_num_threads()

    assert doctor(settings, "--speed") == 0

    text = checks_in(capsys)["speed"]["text"]
    assert text.startswith(f"a tracked frame of one object takes in fp32 with {before} threads ")
    assert "fp32 with 1 thread " in text
    assert torch.get_num_threads() == before


def test_a_faster_way_is_named_with_its_price() -> None:
    speeds = [TrackSpeed("bf16", 2, 0.30), TrackSpeed("bf16", 1, 0.28), TrackSpeed("fp32", 2, 0.2)]

    text, hint = speed_words(speeds)

    assert text == (
        "a tracked frame of one object takes in bf16 with 2 threads 0.300 s, "
        "bf16 with 1 thread 0.280 s, fp32 with 2 threads 0.200 s."
    )
    assert hint.startswith("Faster here: --precision fp32 --torch-threads 2. Masks saved in")
    assert speed_words(speeds[:2])[1] == ""
