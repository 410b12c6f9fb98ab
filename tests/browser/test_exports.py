from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from sam2_session.cli.__main__ import main
from tests.browser.driver import AnnotatorPage
from tests.browser.server import LiveServer

PLAY = """async (url) => {
  const video = document.createElement("video");
  video.muted = true;
  video.src = url;
  await new Promise((done, failed) => {
    video.onloadeddata = done;
    video.onerror = () => failed(new Error(video.error.message));
  });
  const start = video.currentTime;
  const ended = new Promise((done) => { video.onended = done; });
  await video.play();
  await ended;
  return [video.videoWidth, video.videoHeight, video.duration, video.currentTime - start];
}"""


def ask(url: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data), timeout=120) as answer:
        return json.loads(answer.read())


def test_a_browser_plays_the_exported_film(
    shared_server: LiveServer, page: Page, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "demo.mp4"
    words = ["export", "demo", "overlay_mp4", "--end", "14", "--out", str(out)]
    assert main([*words, "--url", shared_server.url], {}) == 0
    row = ask(f"{shared_server.url}/api/videos/demo/exports")["exports"][-1]

    page.goto(shared_server.url)
    width, height, duration_s, played_s = page.evaluate(PLAY, row["url"])

    assert out.stat().st_size == row["bytes"]
    assert (width, height) == (640, 360)
    assert duration_s == pytest.approx(15 / 30, abs=0.15)
    assert played_s == pytest.approx(duration_s, abs=0.05)


@pytest.mark.slow  # the services are killed in mid-export by a cheaper test
def test_a_killed_server_offers_nothing_half_written(live_server: LiveServer) -> None:
    place = f"{live_server.url}/api/videos/demo/exports"
    order = {"format": "overlay_mp4", "options": {"side_by_side": True, "crf": 0}}
    job_id = _asked(place, order)
    live_server.kill()
    live_server.start()

    job = ask(f"{live_server.url}/api/jobs/{job_id}")

    assert (job["state"], job["error"]["hint"]) == ("failed", "Ask for it again.")
    assert ask(place) == {"exports": []}


def _asked(place: str, order: Any) -> str:
    """The id of its job, once every frame is extracted."""
    until_s = time.monotonic() + 600
    while True:
        try:
            return str(ask(place, order)["job_id"])
        except urllib.error.HTTPError as error:
            error.close()
            if error.code != 409 or time.monotonic() > until_s:
                raise
        time.sleep(0.1)


def test_the_report_opens_beside_the_page_and_loads_nothing(
    shared_server: LiveServer, page: Page
) -> None:
    ada = AnnotatorPage(page, shared_server.url)
    ada.open()
    page.keyboard.press("Shift+E")
    with page.expect_popup() as opened:
        page.get_by_test_id("open-report").click()
    report = opened.value
    report.wait_for_load_state()
    asked: list[str] = []
    report.on("request", lambda request: asked.append(request.url))

    report.reload()
    expect(report.get_by_role("heading", name="demo.mp4")).to_be_visible()

    assert [url for url in asked if not url.startswith("data:")] == [report.url]
    assert report.url.endswith("/api/videos/demo/report.html")
    panel = report.evaluate("getComputedStyle(document.querySelector('.figures li')).borderRadius")
    assert panel == "6px"  # its own style is let in
