"""Objects that stay are left out of garbage collections until they are garbage themselves."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from sam2_session.runtime import exempt_from_collection


class Ring:
    """An object that only a garbage collection frees."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def unfreeze() -> Iterator[None]:
    """Leave the process as it was."""
    yield
    gc.unfreeze()


def test_collections_pass_over_what_there_was() -> None:
    kept = Ring()
    exempt_from_collection()

    assert gc.get_freeze_count() > 0
    assert not any(found is kept for found in gc.get_objects())


def test_what_became_garbage_goes_at_the_next_time() -> None:
    kept = Ring()
    gone = weakref.ref(kept)
    exempt_from_collection()
    del kept
    gc.collect()
    assert gone() is not None

    exempt_from_collection()

    assert gone() is None
