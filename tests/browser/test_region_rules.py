"""Rules between regions on the page: the next frame that breaks one, and its mending, by key."""

from __future__ import annotations

from pathlib import Path

import yaml
from playwright.sync_api import Page, expect

from tests.annotating import BODY, DISC, make_moving_clip
from tests.browser.driver import AnnotatorPage
from tests.browser.server import LiveServer
from tests.conftest import WorkspaceDirs
from tests.small_input import small_configs

RULES = {"whole": "overall", "parts": ["shaft"], "inside": True}


def test_a_part_outside_is_found_and_cut(
    workspace_dirs: WorkspaceDirs, tmp_path: Path, page: Page
) -> None:
    make_moving_clip(workspace_dirs.videos / "clip.mp4")
    path = small_configs(tmp_path) / "regions.yaml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), "rules": RULES}))
    with LiveServer(workspace_dirs, tmp_path / "server.log") as server:
        ada = AnnotatorPage(page, server.url)
        ada.open("clip.mp4")
        ada.click(*BODY)
        ada.press("Tab")
        ada.click(*DISC)
        ada.press("Alt+t")
        ada.until(lambda: len(ada.state("annotations.masks.1/shaft") or {}) == 12)

        ada.press("Alt+z")
        ada.until_drawn(1)
        toast = ada.page.get_by_test_id("toast").filter(has_text="Frame 1, instance 1:")
        expect(toast).to_contain_text("px of its parts outside of the whole")
        ada.press("Shift+Z")
        ada.until(lambda: ada.state("annotations.masks.1/shaft.1.area") == 0)
        ada.press("Alt+z")
        ada.until_drawn(2)
        ada.press("u")
        ada.until(lambda: ada.state("annotations.masks.1/shaft.1.area") > 0)
        page.close()  # it would complain of a server that is gone
