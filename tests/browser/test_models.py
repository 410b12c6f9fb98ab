"""The menu of models while one is fetched: progress, a stop, the rest of it, a failure."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import yaml
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DEMO_CLIP
from tests.browser.driver import AnnotatorPage
from tests.browser.server import ROOT, LiveServer
from tests.browser.test_annotating import SHAFT
from tests.models.file_server import Behaviour, serve
from tests.workspace_dirs import WorkspaceDirs

WEIGHTS = ROOT / "checkpoints" / "sam2.1_hiera_demo.pt"
SLOW_S = 0.05  # for each of the 543 pieces of the file


@pytest.fixture(scope="module")
def far() -> Behaviour:
    """The demo model's weights on another machine, with a slow line."""
    return Behaviour(WEIGHTS.read_bytes(), pause_s=SLOW_S)


@pytest.fixture
def away(far: Behaviour) -> Behaviour:
    far.pause_s = SLOW_S
    return far


@pytest.fixture(scope="module")
def three_models(tmp_path_factory: pytest.TempPathFactory, far: Behaviour) -> Iterator[LiveServer]:
    """A server with three models: one that is here, one that is away, one that is nowhere."""
    home = tmp_path_factory.mktemp("models")
    dirs = WorkspaceDirs.made_in(home)
    shutil.copy(DEMO_CLIP, dirs.videos)
    folders = {name: home / name for name in ("checkpoints", "own_configs")}
    for folder in folders.values():
        folder.mkdir()
    shutil.copy(WEIGHTS, folders["checkpoints"])
    shutil.copy(ROOT / "configs" / "regions.yaml", folders["own_configs"])
    options = ["--checkpoints-dir", str(folders["checkpoints"]), "--model", "here"]
    options += ["--configs-dir", str(folders["own_configs"])]
    with ExitStack() as stack:
        urls = [
            stack.enter_context(serve(behaviour)) for behaviour in (far, Behaviour(b"", status=404))
        ]
        rows = [row(), row("away", urls[0]), row("nowhere", urls[1])]
        (folders["own_configs"] / "models.yaml").write_text(yaml.safe_dump({"models": rows}))
        yield stack.enter_context(LiveServer(dirs, home / "server.log", *options))


@pytest.fixture
def ada(three_models: LiveServer, page: Page) -> AnnotatorPage:
    annotator = AnnotatorPage(page, three_models.url)
    annotator.open()
    return annotator


def row(name: str = "here", url: str | None = None) -> dict[str, object]:
    data = WEIGHTS.read_bytes()
    return {
        "name": name,
        "label": f"The model {name}",
        "config": "configs/sam2.1/sam2.1_hiera_demo.yaml",
        "checkpoint": WEIGHTS.name if url is None else f"{name}.pt",
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        **({"url": url} if url else {"demo": True}),
    }


def choose(ada: AnnotatorPage, name: str) -> Locator:
    """Press on a model; answers its row."""
    line = ada.page.locator(f".model-row[data-model={name}]")
    line.get_by_test_id("model-choice").click()
    return line


def test_a_failed_download_says_why_and_the_model_in_use_stays(ada: AnnotatorPage) -> None:
    ada.page.get_by_test_id("model").click()
    line = choose(ada, "nowhere")

    expect(line).to_contain_text("HTTP 404")
    expect(line).to_contain_text("select the model again")
    expect(ada.page.get_by_test_id("job-card")).to_contain_text("HTTP 404")
    ada.press("Escape")
    ada.click(*SHAFT)
    assert ada.state("session.model.name") == "here"


def test_a_stopped_download_goes_on_and_its_model_answers(
    ada: AnnotatorPage, away: Behaviour
) -> None:
    ada.page.get_by_test_id("model").click()
    line = choose(ada, "away")
    ada.until(lambda: (ada.state("jobs.by_id.model-away.done") or 0) > 0)
    line.get_by_test_id("model-cancel").click()
    expect(line).to_contain_text("here, the rest to download")
    away.pause_s = 0
    choose(ada, "away")

    expect(line).to_contain_text("in use")
    expect(ada.page.get_by_test_id("toast")).to_contain_text("The model away is in use now")
    assert away.seen[0] is None
    assert (away.seen[1] or "").startswith("bytes=")
    ada.press("Escape")
    ada.click(*SHAFT)
