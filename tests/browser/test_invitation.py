"""One's own video and the demo model: a card offers a model for real footage, once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import yaml
from playwright.sync_api import Locator, Page, expect

from tests.annotating import BODY, make_moving_clip
from tests.browser.conftest import DEMO_CLIP
from tests.browser.driver import AnnotatorPage
from tests.browser.server import ROOT, LiveServer
from tests.browser.test_models import WEIGHTS, row
from tests.models.file_server import Behaviour, serve
from tests.workspace_dirs import WorkspaceDirs

OWN = "operation 3.mp4"


@pytest.fixture(scope="module")
def away() -> Behaviour:
    """The weights of a full model on another machine, with a slow line."""
    return Behaviour(WEIGHTS.read_bytes(), pause_s=0.05)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, away: Behaviour) -> Iterator[LiveServer]:
    """Serve with the demo model, but without another; with the demo clip and one more video."""
    home = tmp_path_factory.mktemp("invitation")
    dirs = WorkspaceDirs.made_in(home)
    shutil.copy(DEMO_CLIP, dirs.videos / "renamed.mp4")
    make_moving_clip(dirs.videos / OWN)
    configs, checkpoints = home / "own_configs", home / "checkpoints"
    for folder in (configs, checkpoints):
        folder.mkdir()
    shutil.copy(ROOT / "configs" / "regions.yaml", configs)
    shutil.copy(WEIGHTS, checkpoints)
    options = ["--configs-dir", str(configs), "--checkpoints-dir", str(checkpoints)]
    with ExitStack() as stack:
        rows = [
            {**row(), "gflops": 10},
            {**row("away", stack.enter_context(serve(away))), "gflops": 1000},
        ]
        (configs / "models.yaml").write_text(yaml.safe_dump({"models": rows}))
        log = home / "server.log"
        yield stack.enter_context(LiveServer(dirs, log, *options, "--model", "here"))


@pytest.fixture
def ada(server: LiveServer, page: Page) -> AnnotatorPage:
    return AnnotatorPage(page, server.url)


def card(ada: AnnotatorPage) -> Locator:
    return ada.page.get_by_test_id("invitation")


def test_the_demo_clip_under_any_name_invites_to_nothing(ada: AnnotatorPage) -> None:
    ada.open("renamed.mp4")
    ada.until(lambda: ada.state("session.models"))

    expect(card(ada)).to_be_hidden()


def test_a_closed_card_stays_away_in_this_browser(ada: AnnotatorPage) -> None:
    ada.open(OWN)
    card(ada).get_by_test_id("invitation-close").click()
    expect(card(ada)).to_be_hidden()
    ada.page.reload()
    ada.until_drawn(0)
    ada.until(lambda: ada.state("session.models"))

    expect(card(ada)).to_be_hidden()
    ada.page.get_by_test_id("model").click()
    expect(ada.page.get_by_test_id("model-menu")).to_contain_text("The model away")


def test_ones_own_video_is_offered_a_model_that_takes_over_in_place(
    ada: AnnotatorPage, away: Behaviour
) -> None:
    ada.open(OWN)
    expect(card(ada)).to_contain_text("Demo model in use")
    line = card(ada).locator(".model-row")
    expect(line).to_have_count(1)
    expect(line).to_contain_text("The model away")
    expect(line).to_contain_text("8.9 MB")
    expect(line).to_contain_text("a frame")
    ada.click(*BODY)
    # a download can be stopped, and goes on
    line.get_by_test_id("model-choice").click()
    ada.until(lambda: (ada.state("jobs.by_id.model-away.done") or 0) > 0)
    line.get_by_test_id("model-cancel").click()
    expect(line).to_contain_text("of 8.9 MB here")
    away.pause_s = 0
    line.get_by_test_id("model-choice").click()

    expect(card(ada)).to_be_hidden()
    ada.until(lambda: ada.state("session.model.name") == "away")
    assert ada.state("annotations.prompts.1/overall.0.points")
