"""A short real training writes its files and resumes after a kill."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from training.network import ROOT

pytestmark = pytest.mark.slow
PATIENCE_S = 240


def test_run_stops_at_its_time_and_leaves_a_checkpoint_and_a_curve(tmp_path: Path) -> None:
    run = _start(tmp_path, minutes=0.3)
    assert run.wait(PATIENCE_S) == 0
    rows = [json.loads(line) for line in (tmp_path / "curve.jsonl").read_text().splitlines()]
    assert rows[-1]["step"] > 3
    assert {"click_1", "click_3", "tracked"} <= set(rows[-1])
    assert torch.load(tmp_path / "checkpoint.pt", weights_only=True)["model"]


def test_stopped_run_goes_on_from_its_snapshot(tmp_path: Path) -> None:
    run = _start(tmp_path, minutes=30)
    _wait_until_training(tmp_path)
    run.send_signal(signal.SIGTERM)
    assert run.wait(PATIENCE_S) == 0
    before = torch.load(tmp_path / "snapshot.pt", weights_only=True)
    again = _start(tmp_path, minutes=before["elapsed_s"] / 60 + 0.1)
    assert again.wait(PATIENCE_S) == 0
    after = torch.load(tmp_path / "snapshot.pt", weights_only=True)
    assert after["step"] > before["step"] > 0


def _start(run_dir: Path, *, minutes: float) -> subprocess.Popen[bytes]:
    arguments = ["--minutes", str(minutes), "--run-dir", str(run_dir), "--device", "cpu"]
    command = [sys.executable, "-m", "training.train", *arguments]
    with (run_dir / "log").open("ab") as log:
        return subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)


def _wait_until_training(run_dir: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while "step 10" not in (run_dir / "log").read_text():
        assert time.monotonic() < deadline, (run_dir / "log").read_text()
        time.sleep(0.5)
