"""The cluster that several test files start."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.ray_cluster import RayCluster, running_cluster


@pytest.fixture
def cluster() -> Iterator[RayCluster]:
    """A head and two nodes of one core each."""
    with running_cluster(2) as cluster:
        yield cluster
