"""Every route answers as the OpenAPI document says: by schemathesis, all of its checks."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sam2_session import Client
from tests.annotating import BODY, make_moving_clip
from tests.small_input import small_configs
from tests.web.live import PATIENCE_S, ROOT
from tests.web.schema_hooks import FRAMES

TOKEN = "s3cret"  # noqa: S105
ENDLESS = "/api/events"
READS, WRITES = ("GET",), ("POST", "PUT", "PATCH", "DELETE")
# More than ten wrong tokens a minute are answered by 429, which that check takes for no refusal.
NO_WRONG_TOKENS = ("--exclude-checks", "ignored_auth")
# A schema cannot say all: which fields exclude each other, what is there, what a file holds. Such
# requests are refused by one of these; what a check finds in the answer is found nevertheless.
CONFIG = """
hooks = "tests.web.schema_hooks"

[checks.positive_data_acceptance]
expected-statuses = ["2xx", 400, 401, 403, 404, 409, 412, 415, 422, 429, 503]
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A whole server with a clip that has masks, and a batch of it."""
    folder = tmp_path_factory.mktemp("schema")
    command = [sys.executable, "-m", "sam2_session", "--port", "0", "--token", TOKEN]
    for name in ("videos", "outputs"):
        (folder / name).mkdir()
        command += [f"--{name}-dir", str(folder / name)]
    make_moving_clip(folder / "videos" / "clip.mp4", FRAMES)
    command += ["--checkpoints-dir", str(ROOT / "checkpoints")]
    command += ["--configs-dir", str(small_configs(folder))]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        ready = next(line for line in server.stdout if line.startswith("Ready to open: "))
        url = ready.split()[-1].partition("/#")[0]
        try:
            annotate(url)
            yield url
        finally:
            server.terminate()


def annotate(url: str) -> None:
    with Client(url, TOKEN) as client:
        video = client.video("clip")
        pair = video.instance(1)["overall"]
        pair.click(*BODY, frame=0)
        video.propagate([pair]).wait()
        client.create_batch("batch", [video.video_id])


def cases_passed(address: str, folder: Path, methods: tuple[str, ...], *options: str) -> int:
    """Run schemathesis, which must find nothing; how many requests it made up."""
    config = folder / "schemathesis.toml"
    config.write_text(CONFIG, encoding="utf-8")
    command = [str(Path(sys.executable).parent / "schemathesis"), "--config-file", str(config)]
    command += ["run", f"{address}/api/openapi.json", "--exclude-path", ENDLESS]
    command += ["--header", f"Authorization: Bearer {TOKEN}", "--no-color", "--seed", "7"]
    command += ["--request-timeout", str(PATIENCE_S), "--suppress-health-check", "all"]
    for method in methods:
        command += ["--include-method", method]

    done = subprocess.run(
        [*command, *options],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": str(Path(sys.executable).parent)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2000:]
    found = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert found is not None, done.stdout[-2000:]
    return int(found[2])


def test_routes_that_write_keep_to_the_document(address: str, tmp_path: Path) -> None:
    some = ("--phases", "fuzzing", "--max-examples", "2")

    assert cases_passed(address, tmp_path, WRITES, *some) > 100


@pytest.mark.slow
def test_routes_that_write_keep_to_the_document_in_every_corner(
    address: str, tmp_path: Path
) -> None:
    every = ("--phases", "coverage,fuzzing,stateful", "--max-examples", "25", *NO_WRONG_TOKENS)

    assert cases_passed(address, tmp_path, WRITES, *every) > 3000


@pytest.mark.slow
def test_routes_that_read_keep_to_the_document(address: str, tmp_path: Path) -> None:
    options = ("--phases", "coverage", *NO_WRONG_TOKENS)

    assert cases_passed(address, tmp_path, READS, *options) > 1000
