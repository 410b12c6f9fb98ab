"""The memory that a job took is given back, also where a smaller thing lies behind it."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
BLOCKS = 200_000
BLOCK_BYTES = 1000  # more than Python's own allocator takes
CODE = f"""
import os
from pathlib import Path
from sam2_session.core.types import JobState
from sam2_session.services.jobs.background import BackgroundJob

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

kept = []

def steps(job):
    blocks = [bytes({BLOCK_BYTES}) for _ in range({BLOCKS})]
    kept.append(bytes({BLOCK_BYTES}))
    yield 0

job = BackgroundJob("j", "import", "clip", 1, steps)
job.announce = lambda: None
job.run()
held = resident()
job.end(JobState.DONE, None)
print(held - resident())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="needs glibc")
def test_what_a_job_took_is_given_back() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, cwd=ROOT, check=True
    )

    assert int(done.stdout) > BLOCKS * BLOCK_BYTES / 2
