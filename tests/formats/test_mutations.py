"""Broken and odd files of every kind: a plan, a question or a reason, and never a riddle.

The seed is printed, so that a failure can be had again: ``MUTATION_SEED=… MUTATIONS=1``.
"""

from __future__ import annotations

import json
import os
import random
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from sam2_session.core.errors import SessionError
from sam2_session.formats.format_detection import read_import
from sam2_session.formats.importing.plan import ImportChoices, ImportPlan, VideoFacts
from sam2_session.formats.registry import EXPORTERS
from tests.formats.drawn_source import SIZE_HW, written

FORMATS = [name for name, row in EXPORTERS.items() if "masks" in row.holds or name == "tables"]
FACTS = VideoFacts(("clip.mp4", "clip"), SIZE_HW, 4, 25.0, (0.0, 0.04, 0.08, 0.12))
CHOICES = ImportChoices(regions=("overall", "shaft"))
ODD_VALUES = [None, -1, 0, 1e308, 2**63, "", "7", "\u202e", [], {}, True, [[]], "NaN", -0.5]
FEW, MANY = 150, 100_000
DECODED = 3  # masks of each plan


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    read = [name for name in FORMATS if not name.startswith(("overlay", "green", "cut"))]
    return [written(tmp_path_factory.mktemp(name), name) for name in read]


@pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def test_no_mutation_breaks_a_dry_run(originals: list[Path], tmp_path: Path, count: int) -> None:
    first = int(os.environ.get("MUTATION_SEED", random.SystemRandom().randrange(2**31)))
    for seed in range(first, first + int(os.environ.get("MUTATIONS", count))):
        print(f"MUTATION_SEED={seed}")  # noqa: T201 - shown when the test fails
        dice = random.Random(seed)  # noqa: S311 - reproducible
        original = dice.choice(originals)
        path = tmp_path / f"mutated{original.suffix}"
        mutate(original, path, dice)
        with suppress(SessionError), read_import(path, FACTS, CHOICES) as plan:
            assert_is_told(plan)
            decode_some(plan, dice)


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


def mutate(original: Path, path: Path, dice: random.Random) -> None:
    """Change a value, a name or some bytes of a file, or of one file in a ZIP."""
    if original.suffix != ".zip":
        path.write_bytes(changed(original.name, original.read_bytes(), dice))
        return
    with zipfile.ZipFile(original) as read:
        files = {name: read.read(name) for name in read.namelist()}
    if dice.random() < 0.5:
        files.pop("manifest.json", None)  # as of another program
    chosen = dice.choice(sorted(files)) if files else ""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            new_name = odd_name(name, dice) if name == chosen and dice.random() < 0.4 else name
            archive.writestr(new_name, changed(name, data, dice) if name == chosen else data)
    if dice.random() < 0.05:
        path.write_bytes(path.read_bytes()[: dice.randrange(1, path.stat().st_size)])


def odd_name(name: str, dice: random.Random) -> str:
    folder, slash, file = name.rpartition("/")
    stem, dot, suffix = file.rpartition(".")
    odd = [stem + "_7", "7" * 30, "-3", "frame 008", "8_9", stem[:-1], "\u0663", f"{stem}_mask1"]
    return f"{folder}{slash}{dice.choice(odd)}{dot}{suffix}"


def changed(name: str, data: bytes, dice: random.Random) -> bytes:
    if name.endswith(".json") and dice.random() < 0.8:
        document = json.loads(data)
        places = list(_places(document))
        holder, key = dice.choice(places)
        holder[key] = dice.choice(ODD_VALUES)
        return json.dumps(document).encode()
    content = bytearray(data)
    for _ in range(dice.randrange(1, 6)):
        if content:
            content[dice.randrange(len(content))] = dice.randrange(256)
    return bytes(content[: dice.randrange(len(content) + 1)] if dice.random() < 0.2 else content)


def _places(value: object) -> Iterator[tuple[dict[object, object] | list[object], object]]:
    """Yield every place of a document in which a value stands."""
    if isinstance(value, dict):
        for key in value:
            yield value, key
            yield from _places(value[key])
    elif isinstance(value, list):
        for at, item in enumerate(value[:50]):
            yield value, at  # type: ignore[misc]
            yield from _places(item)
