"""Dry runs of broken and odd files through the services and over REST: no 500, nothing changed.

The seed is printed, so that a failure can be had again: ``MUTATION_SEED=… MUTATIONS=1``.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from sam2_session.core.errors import SessionError
from tests.annotating import Annotator, make_moving_clip
from tests.browser.server import LiveServer
from tests.formats.mutations import assert_is_a_report, mutate, originals_of
from tests.services.imports.conftest import Importer
from tests.siege.attack import request
from tests.siege.dry_runs import complaint, dry_run_over_rest
from tests.workspace_dirs import WorkspaceDirs

FEW, MANY, MANY_OVER_REST = 40, 10_000, 2_000
FRAMES = 12


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
            assert_is_a_report(report, FRAMES)
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
        request(server, "POST", "/api/videos/clip/extract", b"")
        for path in mutated(originals, tmp_path, MANY_OVER_REST):
            assert complaint(dry_run_over_rest(server, path.read_bytes())) is None
