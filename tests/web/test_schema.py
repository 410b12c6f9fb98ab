"""Every readable route answers as the OpenAPI document says: by schemathesis."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.live import PATIENCE_S, ROOT

TOKEN = "s3cret"  # noqa: S105
ENDLESS = "/api/events"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A whole server with the demo model, and no video."""
    command = [sys.executable, "-m", "sam2_session", "--port", "0", "--token", TOKEN]
    for name in ("videos", "outputs"):
        (tmp_path / name).mkdir()
        command += [f"--{name}-dir", str(tmp_path / name)]
    command += ["--checkpoints-dir", str(ROOT / "checkpoints")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().split()[-1].partition("/#")[0]
        server.terminate()


@pytest.mark.slow
def test_every_route_that_reads_keeps_to_the_document(address: str, tmp_path: Path) -> None:
    command = Path(sys.executable).parent / "schemathesis"
    options = ["--header", f"Authorization: Bearer {TOKEN}", "--exclude-path", ENDLESS]
    options += ["--include-method", "GET", "--phases", "coverage", "--no-color", "--seed", "7"]

    done = subprocess.run(
        [str(command), "run", f"{address}/api/openapi.json", *options],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=4 * PATIENCE_S,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-20_000:]
    assert "passed" in done.stdout
