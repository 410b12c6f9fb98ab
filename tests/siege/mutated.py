"""Files of every import format with changed values, names and bytes, for the campaigns."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from tests.formats.mutations import mutate, originals_of
from tests.siege.attack import Attack


def mutated_files(run: Attack) -> Iterator[tuple[str, Path, random.Random]]:
    """Yield changed files: name and seed that make it again, path, dice as they lie after it."""
    originals = originals_of(run.folder)
    while run.done < run.count:
        seed = run.dice.randrange(2**31)
        dice = random.Random(seed)
        original = dice.choice(originals)
        path = run.folder / f"mutated{original.suffix}"
        mutate(original, path, dice)
        yield f"MUTATION_SEED={seed}, {original.name}", path, dice
        run.done += 1
