"""Progress: bars on a terminal, lines elsewhere."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios

import pytest

from sam2_session.cli.progress import ProgressReport
from tests.import_graph import ROOT

STEPS = """
from contextlib import closing
from sam2_session.cli.progress import ProgressReport
with closing(ProgressReport()) as report:
    report("extracting", 0, 5)
    report("extracting", 3, 5)
    report("tracking", 1, 2)
"""


def test_a_terminal_gets_bars_that_go_away() -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    subprocess.run([sys.executable, "-c", STEPS], cwd=ROOT, stderr=theirs, check=True)
    os.close(theirs)
    shown = os.read(ours, 65536).decode()
    os.close(ours)

    assert "extracting:  60%" in shown
    assert "3/5" in shown
    assert "1/2" in shown
    assert not shown.rsplit("\r", 1)[1].strip()


def test_anything_else_gets_a_line_at_the_start_and_the_end_of_a_step(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = ProgressReport()

    for done in range(3):
        report("tracking", done, 2)

    assert capsys.readouterr().err == "tracking: 2\ntracking: done\n"


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    ProgressReport(quiet=True)("tracking", 1, 2)

    assert capsys.readouterr().err == ""
