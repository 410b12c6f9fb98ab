"""Broken and odd files of every kind: a plan, a question or a reason, and never a riddle.

The seed is printed, so that a failure can be had again: ``MUTATION_SEED=… MUTATIONS=1``.
"""

from __future__ import annotations

import os
import random
import resource
from contextlib import suppress
from pathlib import Path

import pytest

from sam2_session.core.errors import SessionError
from sam2_session.formats.format_detection import read_import
from sam2_session.formats.importing.plan import ImportChoices, ImportPlan, VideoFacts
from tests.formats.drawn_source import SIZE_HW
from tests.formats.mutations import mutate, originals_of

FACTS = VideoFacts(("clip.mp4", "clip"), SIZE_HW, 4, 25.0, (0.0, 0.04, 0.08, 0.12))
CHOICES = ImportChoices(regions=("overall", "shaft"))
FEW, MANY = 150, 100_000
DECODED = 3  # masks of each plan
MOST_MIB = 500  # all mutations together may add so much to the peak of memory


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return originals_of(tmp_path_factory.mktemp("originals"))


@pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def test_no_mutation_breaks_a_dry_run(originals: list[Path], tmp_path: Path, count: int) -> None:
    first = int(os.environ.get("MUTATION_SEED", random.SystemRandom().randrange(2**31)))
    before = most_mib()
    for seed in range(first, first + int(os.environ.get("MUTATIONS", count))):
        print(f"MUTATION_SEED={seed}")  # noqa: T201 - shown when the test fails
        dice = random.Random(seed)  # noqa: S311 - reproducible
        original = dice.choice(originals)
        path = tmp_path / f"mutated{original.suffix}"
        mutate(original, path, dice)
        with suppress(SessionError), read_import(path, FACTS, CHOICES) as plan:
            assert_is_told(plan)
            decode_some(plan, dice)
    assert most_mib() - before < MOST_MIB


def most_mib() -> int:
    """Most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def assert_is_told(plan: ImportPlan) -> None:
    """No mask without its subject, none outside the video, none beside a question."""
    assert not (plan.needs and plan.items)
    subjects = {subject.name for subject in plan.subjects}
    for item in plan.items:
        assert 0 <= item.frame_idx < FACTS.num_frames
        assert item.subject in subjects
    assert plan.items or plan.needs or plan.notes or not plan.subjects


def decode_some(plan: ImportPlan, dice: random.Random) -> None:
    masks = [item for item in plan.items if item.kind == "mask"]
    for item in dice.sample(masks, min(DECODED, len(masks))):
        try:
            mask = item.content.read()  # type: ignore[union-attr]
        except SessionError:
            continue
        assert mask.shape == SIZE_HW
        assert mask.dtype == bool
