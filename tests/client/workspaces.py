"""Makes a Studio over a folder of a test, with the demo model at a small input."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sam2_session import Studio
from tests.networks import built_once
from tests.small_input import small_configs


@contextmanager
def small_studio(folder: Path) -> Iterator[Studio]:
    """A Studio that ends with the block."""
    with (
        built_once(),
        Studio(folder, configs_dir=small_configs(folder), precision="fp32") as studio,
    ):
        yield studio
