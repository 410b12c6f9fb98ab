"""Videos on their way to the server: chosen, dropped, refused, cancelled."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import CDPSession, FilePayload, Page, expect

from tests.browser.conftest import DEMO_CLIP
from tests.browser.driver import AnnotatorPage
from tests.browser.pool import ServerPool
from tests.browser.server import LiveServer

DROP = """([base64, name]) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], name));
    const tell = (type) => document.querySelector("#stage").dispatchEvent(
        new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
    tell("dragover");
    const marked = document.body.classList.contains("dropping");
    tell("drop");
    return marked;
}"""
BIG_BYTES = 4_000_000  # more than the server takes at once
HALF_A_MINUTE = BIG_BYTES // 30  # bytes per second


@pytest.fixture
def bare_server(server_pool: ServerPool) -> Iterator[LiveServer]:
    """A server without any video."""
    with server_pool.lend() as server:
        yield server


@pytest.fixture
def ada(bare_server: LiveServer, page: Page) -> AnnotatorPage:
    page.goto(bare_server.url)
    expect(page.get_by_test_id("welcome")).to_contain_text("No videos yet")
    return AnnotatorPage(page, bare_server.url)


def choose(ada: AnnotatorPage, *files: Path | FilePayload) -> None:
    ada.page.get_by_test_id("file-input").set_input_files(list(files))  # type: ignore[arg-type]


def payload(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def devtools_of(ada: AnnotatorPage) -> CDPSession:
    return ada.page.context.new_cdp_session(ada.page)


def set_speed(devtools: CDPSession, bytes_per_s: int) -> None:
    """Bound the page's sending, in bytes a second; -1: no bound."""
    conditions = {"offline": False, "latency": 0, "downloadThroughput": -1}
    conditions["uploadThroughput"] = bytes_per_s
    devtools.send("Network.emulateNetworkConditions", conditions)


def stored(server: LiveServer) -> list[str]:
    return sorted(path.name for path in server.dirs.videos.rglob("*") if path.is_file())


def test_the_first_chosen_video_is_stored_and_opens(
    ada: AnnotatorPage, bare_server: LiveServer
) -> None:
    choose(ada, DEMO_CLIP)

    ada.until_drawn(0)
    assert stored(bare_server) == ["demo.mp4"]
    assert (bare_server.dirs.videos / "demo.mp4").read_bytes() == DEMO_CLIP.read_bytes()
    expect(ada.page.get_by_test_id("upload-item")).to_have_count(0)


def test_a_dropped_video_is_stored_and_opens(ada: AnnotatorPage, bare_server: LiveServer) -> None:
    content = base64.b64encode(DEMO_CLIP.read_bytes()).decode()
    marked = ada.page.evaluate(DROP, [content, "dropped.mp4"])

    ada.until_drawn(0)
    assert marked
    assert stored(bare_server) == ["dropped.mp4"]
    assert ada.page.evaluate("document.body.classList.contains('dropping')") is False


def test_another_video_does_not_take_the_stage(ada: AnnotatorPage, bare_server: LiveServer) -> None:
    choose(ada, DEMO_CLIP)
    ada.until_drawn(0)
    choose(ada, payload("other.mp4", DEMO_CLIP.read_bytes()))

    expect(ada.page.get_by_test_id("video-item")).to_have_count(2)
    assert ada.state("video.open.video_id") == "demo"


def test_two_files_of_one_name_both_arrive(ada: AnnotatorPage, bare_server: LiveServer) -> None:
    same = payload("clip.mp4", DEMO_CLIP.read_bytes())
    choose(ada, same)
    ada.until_drawn(0)
    choose(ada, same)

    expect(ada.page.get_by_test_id("video-item")).to_have_count(2)
    assert len(stored(bare_server)) == 2


def test_a_file_of_another_kind_is_refused_before_it_is_sent(
    ada: AnnotatorPage, bare_server: LiveServer
) -> None:
    choose(ada, payload("notes.txt", b"no video"))
    card = ada.page.get_by_test_id("upload-item")
    expect(card).to_contain_text("or a .zip of numbered pictures.")
    ada.page.get_by_test_id("upload-cancel").click()

    expect(card).to_have_count(0)
    assert stored(bare_server) == []


def test_a_broken_video_is_refused_with_the_reason(
    ada: AnnotatorPage, bare_server: LiveServer, complaints: list[str]
) -> None:
    choose(ada, payload("broken.mp4", b"not really" * 50))
    card = ada.page.get_by_test_id("upload-item")

    expect(card).to_contain_text("cannot be read as a video")
    expect(card).to_have_attribute("data-state", "failed")
    assert stored(bare_server) == []
    ada.until(lambda: complaints)
    assert "415" in complaints.pop()


def test_an_upload_cancelled_half_way_leaves_nothing(
    ada: AnnotatorPage, bare_server: LiveServer
) -> None:
    set_speed(devtools_of(ada), HALF_A_MINUTE)
    choose(ada, payload("big.mp4", bytes(BIG_BYTES)))
    ada.until(lambda: stored(bare_server) != [] and ada.state("video.uploads.0.sent") > 0)
    assert ada.state("video.uploads.0.sent") < BIG_BYTES
    ada.page.get_by_test_id("upload-cancel").click()

    ada.until(lambda: stored(bare_server) == [])
    expect(ada.page.get_by_test_id("upload-item")).to_have_count(0)
    expect(ada.page.get_by_test_id("video-item")).to_have_count(0)


def test_an_upload_that_still_waits_is_never_sent(
    ada: AnnotatorPage, bare_server: LiveServer
) -> None:
    content, devtools = DEMO_CLIP.read_bytes(), devtools_of(ada)
    set_speed(devtools, len(content) // 30)  # half a minute, too
    choose(ada, payload("first.mp4", content), payload("waiting.mp4", content))
    ada.page.get_by_test_id("upload-cancel").last.click()
    set_speed(devtools, -1)

    ada.until_drawn(0)
    expect(ada.page.get_by_test_id("video-item")).to_have_count(1)
    assert stored(bare_server) == ["first.mp4"]
