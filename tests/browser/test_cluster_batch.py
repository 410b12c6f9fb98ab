"""A batch on a cluster, on the page: annotated, processed on two devices, downloaded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.driver import AnnotatorPage
from tests.browser.server import LiveServer
from tests.browser.test_batch_processing import annotate_all, downloaded, write_pieces
from tests.browser.test_batches import counts, make_batch, tiles
from tests.cluster.calls import owner
from tests.ray_cluster import needs_ray, running_cluster
from tests.workspace_dirs import WorkspaceDirs

pytestmark = [needs_ray, pytest.mark.slow]
PIECES = 4


@pytest.fixture
def server(workspace_dirs: WorkspaceDirs, tmp_path: Path) -> Iterator[LiveServer]:
    """A web process of a cluster with two nodes, without any video."""
    with running_cluster(2) as cluster:
        options = ("--engine", "ray", "--ray-address", cluster.address, "--precision", "fp32")
        with LiveServer(workspace_dirs, tmp_path / "server.log", *options) as server:
            yield server


def test_process_all_runs_on_every_device(server: LiveServer, page: Page) -> None:
    write_pieces(server, PIECES, frames=6)
    ada = AnnotatorPage(page, server.url)
    make_batch(ada)
    annotate_all(ada, PIECES)

    page.get_by_test_id("batch-process").click()
    page.get_by_test_id("processing-format").select_option("green_screen")
    page.get_by_test_id("processing-start").click()

    expect(counts(ada)).to_have_text(f"{PIECES} of {PIECES} annotated · {PIECES} processed")
    expect(tiles(ada)).to_have_count(PIECES)
    items = [ada.state(f"batches.open.items.{at}.video_id") for at in range(PIECES)]
    assert len({owner(server.dirs.outputs / video_id) for video_id in items}) == 2
    pictures = [name for name in downloaded(page, "Alt+s") if name.endswith(".png")]
    assert len(pictures) == PIECES * 6
