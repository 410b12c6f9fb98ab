"""Tests that attack from nothing each time, run again and counted."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ElementTree

from tests.import_graph import ROOT
from tests.siege.attack import Attack

FULL_DISK = (
    "tests/journeys/test_disk_full.py",
    "tests/journeys/test_disk_full_exports.py",
    "tests/services/recovery/test_read_only_outputs.py",
    "tests/services/recovery/test_damaged_database.py",
)


def full_disk(run: Attack) -> None:
    """Run the tests of full disks and read-only folders until `count` tests were run."""
    while run.done < run.count:
        report = run.folder / f"report{run.done}.xml"
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *FULL_DISK],
            cwd=ROOT,
            check=False,
            stdout=subprocess.DEVNULL,
        )
        cases = list(ElementTree.parse(report).iter("testcase"))  # noqa: S314 - our own
        if all(case.find("skipped") is not None for case in cases):
            raise RuntimeError("No test was run: to mount a small disk needs root.")
        for case in cases:
            broken = [*case.iter("failure"), *case.iter("error")]
            run.found += [f"{case.get('name')}: {row.get('message')}"[:400] for row in broken]
        run.done += sum(case.find("skipped") is None for case in cases)
