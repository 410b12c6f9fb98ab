"""Dry runs of broken and odd files through the services and over REST: no 500, nothing changed.

The seed is printed, so that a failure can be had again: ``MUTATION_SEED=… MUTATIONS=1``.
"""

from __future__ import annotations

import json
import os
import random
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sam2_session.core.errors import SessionError
from tests.annotating import Annotator, make_moving_clip
from tests.browser.server import LiveServer
from tests.formats.mutations import mutate, originals_of
from tests.services.imports.conftest import Importer
from tests.workspace_dirs import WorkspaceDirs

FEW, MANY, MANY_OVER_REST = 40, 10_000, 2_000
FRAMES = 12
BOUNDARY = "b0undary"


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return originals_of(tmp_path_factory.mktemp("originals"))


def mutated(originals: list[Path], folder: Path, count: int) -> Iterator[Path]:
    """Yield a changed file for each seed, which is printed."""
    first = int(os.environ.get("MUTATION_SEED", random.SystemRandom().randrange(2**31)))
    for seed in range(first, first + int(os.environ.get("MUTATIONS", count))):
        print(f"MUTATION_SEED={seed}")  # noqa: T201 - shown when the test fails
        dice = random.Random(seed)  # noqa: S311 - reproducible
        original = dice.choice(originals)
        path = folder / f"mutated{original.suffix}"
        mutate(original, path, dice)
        yield path


def assert_is_a_report(report: dict[str, Any]) -> None:
    """Every item has a frame of the video and a subject; a question comes without items."""
    subjects = {subject["name"] for subject in report["subjects"]}
    assert not (report["needs"] and report["items"])
    for item in report["items"]:
        assert 0 <= item["frame_idx"] < FRAMES
        assert item["subject"] in subjects
    assert report["items"] or report["needs"] or report["notes"] or not subjects


@pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def test_no_mutation_breaks_a_dry_run_of_the_services(
    importer: Importer, ada: Annotator, originals: list[Path], tmp_path: Path, count: int
) -> None:
    refusals = list[SessionError]()
    for path in mutated(originals, tmp_path, count):
        try:
            report = importer.send(path.read_bytes(), dry_run=True)
        except SessionError as error:
            refusals.append(error)
        else:
            assert_is_a_report(report)
            json.dumps(report, allow_nan=False)
    assert [error for error in refusals if not (400 <= error.status < 500 and error.hint)] == []
    assert ada.call("list_imports", video_id="clip") == {"imports": [], "mapping": {}}
    assert len(ada.call("list_instances", video_id="clip")["instances"]) == 1


@pytest.mark.slow
def test_no_mutation_breaks_a_dry_run_over_rest(
    workspace_dirs: WorkspaceDirs, originals: list[Path], tmp_path: Path
) -> None:
    make_moving_clip(workspace_dirs.videos / "clip.mp4")
    with LiveServer(workspace_dirs, tmp_path / "server.log", "--precision", "fp32") as server:
        post(server, "/api/videos/clip/extract", b"")
        for path in mutated(originals, tmp_path, MANY_OVER_REST):
            status, answer = dry_run(server, path.read_bytes())
            if status == 200:
                assert_is_a_report(answer)
            else:
                assert 400 <= status < 500, answer
                assert answer["error"]["hint"]


def dry_run(server: LiveServer, data: bytes) -> tuple[int, Any]:
    head = 'Content-Disposition: form-data; name="file"; filename="notes.json"'
    body = f"--{BOUNDARY}\r\n{head}\r\n\r\n".encode() + data + f"\r\n--{BOUNDARY}--\r\n".encode()
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    while True:
        status, answer = post(server, "/api/videos/clip/imports?dry_run=1", body, kind)
        if status != 409:  # its frames are still being extracted
            return status, answer


def post(server: LiveServer, path: str, body: bytes, kind: str = "") -> tuple[int, Any]:
    headers = {"Content-Type": kind} if kind else {}
    request = urllib.request.Request(server.url + path, body, headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=300) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())
