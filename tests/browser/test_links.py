"""The address of the page: it leads to a video, a frame and a pair, and Back returns from jumps."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import DEMO_CLIP
from tests.browser.driver import AnnotatorPage
from tests.browser.pool import ServerPool
from tests.browser.server import LiveServer


@pytest.fixture(scope="module")
def two_videos(
    server_pool: ServerPool, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    """A server with the demo clip, also under another name; left as it was found."""
    other = tmp_path_factory.mktemp("clips") / "other clip.mp4"
    shutil.copy(DEMO_CLIP, other)
    with server_pool.lend(DEMO_CLIP, other) as server:
        yield server


def place(person: AnnotatorPage) -> tuple[str, int, int, str]:
    """The video, frame, instance and region on screen."""
    pair = (person.state("annotations.instance_id"), person.state("annotations.region"))
    return person.state("video.open.video_id"), person.state("playback.frame_idx"), *pair


def until_address(person: AnnotatorPage, query: str) -> None:
    person.until(lambda: person.page.url == f"{person.url}/?{query}")


def test_a_link_opens_its_video_frame_and_pair(two_videos: LiveServer, page: Page) -> None:
    ada = AnnotatorPage(page, two_videos.url)
    page.goto(f"{two_videos.url}/?video=demo&frame=57&pair=1/wrist")
    ada.until_drawn(57)

    assert place(ada) == ("demo", 57, 1, "wrist")
    expect(page).to_have_title("demo.mp4 · sam2-session")
    until_address(ada, "video=demo&frame=57&pair=1/wrist")


@pytest.mark.parametrize("answered_before", [False, True])
def test_a_video_is_asked_for_once_over_a_connection(
    two_videos: LiveServer, page: Page, answered_before: bool
) -> None:
    """The connection is up, and the list of videos is there before the page is told of it."""
    ada = AnnotatorPage(page, two_videos.url)
    sent: list[str] = []
    sessions: list[Route] = []
    lists: list[Route] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda text: sent.append(str(text))))
    page.route("**/api/session", lambda route: sessions.append(route))
    page.route("**/api/videos", lambda route: lists.append(route))
    page.goto(f"{two_videos.url}/?video=demo")
    ada.until(lambda: len(sessions) == 1)
    sessions[0].continue_()
    ada.until(lambda: len(sessions) == 2 and lists)  # asked for again, once connected
    page.unroute("**/api/videos")
    for waiting in lists:
        waiting.continue_()
    if answered_before:
        ada.until_drawn(0)
    else:
        ada.until(lambda: any('["open_video"' in message for message in sent))
    sessions[1].continue_()
    ada.until_drawn(0)
    ada.until(lambda: ada.state("session.model") is not None)

    assert sum('["open_video"' in message for message in sent) == 1


def test_a_link_from_another_browser_comes_before_what_this_one_remembers(
    two_videos: LiveServer, page: Page
) -> None:
    ada = AnnotatorPage(page, two_videos.url)
    ada.open("other clip.mp4")
    ada.go_to(80)
    video_id = ada.state("video.open.video_id")
    until_address(ada, f"video={video_id}&frame=80&pair=1/overall")
    page.goto(f"{two_videos.url}/?video=demo&frame=4")
    ada.until_drawn(4)

    assert place(ada) == ("demo", 4, 1, "overall")


def test_back_and_forward_go_through_jumps_and_videos(two_videos: LiveServer, page: Page) -> None:
    ada = AnnotatorPage(page, two_videos.url)
    ada.open("demo.mp4")
    ada.press("ArrowRight", "ArrowRight", "Tab")  # steps and pairs change the address in place
    until_address(ada, "video=demo&frame=2&pair=1/shaft")
    ada.go_to(70)
    until_address(ada, "video=demo&frame=70&pair=1/shaft")
    page.get_by_test_id("video-item").filter(has_text="other clip.mp4").click()
    ada.until(lambda: "video=other" in page.url)

    page.go_back()
    ada.until_drawn(70)
    assert place(ada) == ("demo", 70, 1, "shaft")
    page.go_back()
    ada.until_drawn(2)
    page.go_forward()
    ada.until_drawn(70)
    page.go_forward()
    ada.until(lambda: ada.state("video.open.name") == "other clip.mp4")


def test_a_reload_comes_back_to_the_video_chosen_a_moment_before(
    two_videos: LiveServer, page: Page
) -> None:
    ada = AnnotatorPage(page, two_videos.url)
    ada.open("demo.mp4")
    ada.go_to(70)
    until_address(ada, "video=demo&frame=70&pair=1/overall")
    page.get_by_test_id("video-item").filter(has_text="other clip.mp4").click()
    page.reload()

    ada.until(lambda: ada.state("video.open.name") == "other clip.mp4")


def test_a_link_to_what_is_not_there_says_so(two_videos: LiveServer, page: Page) -> None:
    ada = AnnotatorPage(page, two_videos.url)
    page.goto(f"{two_videos.url}/?video=nobody&frame=3")
    expect(page.get_by_test_id("toast")).to_contain_text("There is no video nobody on this server.")
    assert ada.state("video.open") is None

    page.goto(f"{two_videos.url}/?video=demo&frame=500&pair=7/shaft")
    words = "The link names frame 500 (the last one is 89) and instance 7: not in this video."
    expect(page.get_by_test_id("toast")).to_contain_text(words)
    ada.until_drawn(89)
    assert place(ada) == ("demo", 89, 1, "shaft")


def test_a_video_put_into_the_folder_meanwhile_can_be_linked_to(
    two_videos: LiveServer, page: Page
) -> None:
    ada = AnnotatorPage(page, two_videos.url)
    ada.open("demo.mp4")
    shutil.copy(DEMO_CLIP, two_videos.dirs.videos / "late.mp4")
    page.goto(f"{two_videos.url}/?video=late&frame=9")
    ada.until_drawn(9)

    assert place(ada)[0] == "late"
