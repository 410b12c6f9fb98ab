"""Two web processes of one cluster behind nginx: their people see each other, and go on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cluster.site import Site, running_site
from tests.journeys.page import Page
from tests.journeys.test_kills import REGIONS, prepare
from tests.ray_cluster import needs_ray
from tests.workspace_dirs import WorkspaceDirs

pytestmark = [needs_ray, pytest.mark.slow]


@pytest.fixture
def site(workspace_dirs: WorkspaceDirs, tmp_path: Path) -> Iterator[Site]:
    with running_site(workspace_dirs, tmp_path, nodes=1) as site:
        yield site


def test_people_of_two_web_processes_are_together_also_after_one_died(site: Site) -> None:
    with ExitStack() as stack:
        ada, bob = (
            Page(server.url, name) for server, name in zip(site.servers, REGIONS, strict=True)
        )
        for page in (ada, bob):
            stack.callback(page.close)
        prepare(bob)
        see_each_other(ada, bob)

        site.servers[0].kill()
        site.servers[0].start()
        ada.wait(ada.act("add_point", 0, x=30.0, y=30.0, label=1))

        see_each_other(ada, bob)
        only_they_are_there(ada, bob)


def only_they_are_there(*pages: Page) -> None:
    """Wait until connections that died with their web process are no longer shown."""
    pages[0].until(lambda: len(pages[0].of("presence")[-1]["clients"]) == len(pages))


def see_each_other(*pages: Page) -> None:
    """Wait until the pages hear of each other, on any web process."""
    wanted = {page.client_id for page in pages}

    def sees_all(page: Page) -> bool:
        told = page.of("presence")
        return bool(told) and {row["client_id"] for row in told[-1]["clients"]} >= wanted

    for page in pages:
        page.until(lambda page=page: sees_all(page))
