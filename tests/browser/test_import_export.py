"""Annotations out of the page and into it: as files that other programs read and write."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import Download, Page, Request, expect

from tests.browser.conftest import Complaints, NewPage
from tests.browser.driver import AnnotatorPage
from tests.browser.server import LiveServer
from tests.browser.test_annotating import SHAFT
from tests.browser.test_other_server import gpu_server, point_at  # noqa: F401 - a fixture
from tests.formats.label_studio.documents import drawn, image_task

# The browser tells of every refusal and of every lost connection; the page said more.
REFUSED = ("Failed to load resource", "WebSocket connection")
DOWNLOADS = {"accept_downloads": True}
MULTIPART, JSON = "multipart/form-data", "application/json"


@pytest.fixture
def ada(live_server: LiveServer, page: Page) -> AnnotatorPage:
    """Somebody in front of the demo clip."""
    ada = AnnotatorPage(page, live_server.url)
    ada.open()
    ada.until(lambda: ada.state("video.open.state") == "ready")
    return ada


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """Two tools on three frames of the clip, and one beyond it, drawn in Label Studio."""
    return written(tmp_path / "notes.json", [on_frame(number) for number in (1, 3, 5, 200)])


def on_frame(number: int) -> Any:
    box = {"x": 10.0, "y": 20.0, "width": 30.0, "height": 40.0, "rotation": 0}
    results = [drawn("rectangle", name, labels=[name], **box) for name in ("tool1_shaft", "tool2")]
    return image_task(*results, image=f"{number:05d}.png", task_id=number)


def written(path: Path, document: Any) -> Path:
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def look_into(page: Page, path: Path) -> None:
    page.keyboard.press("Shift+I")
    page.get_by_test_id("import-input").set_input_files(path)


def take_in(page: Page) -> None:
    expect(page.get_by_test_id("import-start")).to_be_enabled()
    page.get_by_test_id("import-start").click()
    expect(page.get_by_test_id("toast").filter(has_text="Imported")).to_be_visible()


def boxes(ada: AnnotatorPage, pair: str) -> list[int]:
    """Frames of a pair with a box."""
    prompts = ada.state("annotations.prompts").get(pair, {})
    return sorted(int(frame_idx) for frame_idx, prompt in prompts.items() if prompt["box"])


def saved(page: Page) -> zipfile.ZipFile:
    with page.expect_download() as found:
        page.get_by_test_id("export-download").first.click()
    return opened(found.value)


def opened(download: Download) -> zipfile.ZipFile:
    return zipfile.ZipFile(BytesIO(Path(download.path()).read_bytes()))


def test_masks_are_exported_and_downloaded_as_they_lie_on_disk(
    ada: AnnotatorPage, live_server: LiveServer
) -> None:
    ada.click(*SHAFT)
    ada.press("Shift+E")
    expect(ada.page.get_by_test_id("export-summary")).to_have_text("1 mask of 1 pair on 1 frame")
    ada.page.get_by_test_id("option-digits").select_option("8")
    ada.press("Enter")
    expect(ada.page.get_by_test_id("export-item")).to_contain_text("frames 0 – 89")

    on_disk = live_server.dirs.outputs / "demo" / "instance1" / "masks_overall" / "00001.png"
    with saved(ada.page) as archive:
        (name,) = (member for member in archive.namelist() if member.endswith(".png"))
        assert name == "instance1/masks_overall/00000001.png"
        assert archive.read(name) == on_disk.read_bytes()
    ada.press("Escape")
    expect(ada.page.get_by_test_id("job-download")).to_be_visible()


def test_what_would_be_empty_is_refused_at_the_choice_that_makes_it_so(ada: AnnotatorPage) -> None:
    page, known = ada.page, ada.jobs("export")
    page.get_by_test_id("export-button").click()
    page.get_by_test_id("export-start").click()
    expect(page.get_by_test_id("export-pairs-error")).to_contain_text("has no masks yet")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("export-button")).to_be_focused()
    ada.click(*SHAFT)
    page.get_by_test_id("export-button").click()
    page.get_by_test_id("export-approved").check()
    page.get_by_test_id("export-start").click()

    expect(page.get_by_test_id("export-approved-error")).to_contain_text("is not approved")
    assert ada.jobs("export") == known


def test_a_number_out_of_bounds_is_refused_beside_it_and_remembered_when_right(
    ada: AnnotatorPage, complaints: Complaints
) -> None:
    complaints.expect(*REFUSED)
    page = ada.page
    ada.click(*SHAFT)
    ada.press("Shift+E")
    page.get_by_test_id("format-overlay_mp4").check()
    page.get_by_test_id("option-opacity").fill("7")
    ada.press("Enter")
    expect(page.get_by_test_id("option-opacity-error")).to_contain_text("from 0.0 to 1.0")
    page.get_by_test_id("option-opacity").fill("0.75")
    page.get_by_test_id("option-labels").check()
    page.reload()
    ada.until_drawn(0)
    ada.press("Shift+E")

    expect(page.get_by_test_id("format-overlay_mp4")).to_be_checked()
    expect(page.get_by_test_id("option-opacity")).to_have_value("0.75")


def test_a_deleted_export_can_be_wanted_back(ada: AnnotatorPage) -> None:
    ada.click(*SHAFT)
    ada.press("Shift+E")
    ada.page.get_by_test_id("export-start").click()
    ada.page.get_by_test_id("export-delete").click()
    item = ada.page.get_by_test_id("export-item")
    expect(item).to_have_count(0)
    ada.page.get_by_test_id("toast-action").click()

    expect(item).to_have_count(1)


def test_a_file_is_seen_mapped_imported_and_taken_back(
    ada: AnnotatorPage, notes: Path, complaints: Complaints
) -> None:
    complaints.expect("404")  # a mask that was asked for may be gone when its turn comes
    page = ada.page
    look_into(page, notes)
    expect(page.get_by_test_id("import-kind")).to_have_text(
        "Label Studio: JSON · 6 boxes on 3 frames"
    )
    expect(page.get_by_test_id("import-offset-example")).to_have_text("00001.png → frame 0")
    expect(page.get_by_test_id("import-frame")).to_have_count(3)
    left_out = page.get_by_test_id("import-note").filter(has_text="outside the video")
    expect(left_out).to_have_count(1)
    other = page.get_by_test_id("map-row").filter(has_text="tool2")
    other.get_by_test_id("map-instance").select_option("none")
    expect(page.get_by_test_id("import-summary")).to_have_text("Will import 3 boxes on 3 frames.")
    take_in(page)
    ada.until(lambda: boxes(ada, "1/shaft") == [0, 2, 4])
    assert len(ada.state("annotations.instances")) == 1

    assert ada.state("annotations.region") == "shaft"  # the imported pair is selected
    expect(page.get_by_test_id("toast-action").get_by_text("Propagate")).to_be_visible()
    page.get_by_test_id("toast-action").get_by_text("Undo").click()
    ada.until(lambda: boxes(ada, "1/shaft") == [])
    page.get_by_test_id("import-button").click()
    expect(page.get_by_test_id("import-item")).to_contain_text("undone")


def test_a_file_is_sent_once_unless_the_server_lost_it(
    ada: AnnotatorPage, live_server: LiveServer, notes: Path, complaints: Complaints
) -> None:
    complaints.expect(*REFUSED)
    page, sent = ada.page, []
    page.on("request", lambda request: sent.append(request) if "/imports" in request.url else None)
    look_into(page, notes)
    expect(page.get_by_test_id("import-frame")).to_have_count(3)
    page.get_by_test_id("map-instance").first.select_option("none")
    ada.until(lambda: kinds(sent) == [MULTIPART, JSON] and has_looked(ada))
    for path in live_server.dirs.videos.glob(".upload-*"):
        path.unlink()
    page.get_by_test_id("map-instance").last.select_option("none")
    ada.until(lambda: kinds(sent) == [MULTIPART, JSON, JSON, MULTIPART] and has_looked(ada))
    expect(page.get_by_test_id("import-start")).to_be_disabled()
    page.get_by_test_id("map-instance").last.select_option("1")
    take_in(page)

    assert set(kinds(sent)[4:]) == {JSON}


def has_looked(ada: AnnotatorPage) -> bool:
    return bool(ada.state("exchange.importing.state") == "ready")


def kinds(sent: list[Request]) -> list[str]:
    """Kinds of the bodies that were sent."""
    types = [
        request.headers.get("content-type", "") for request in sent if request.method == "POST"
    ]
    return [kind.split(";")[0] for kind in types]


@pytest.mark.slow
def test_the_next_file_starts_from_the_mapping_of_the_last(ada: AnnotatorPage, notes: Path) -> None:
    look_into(ada.page, notes)
    row = ada.page.get_by_test_id("map-row").filter(has_text="tool1_shaft")
    row.get_by_test_id("map-region").select_option("wrist")
    expect(row.get_by_test_id("map-region")).to_have_value("wrist")
    take_in(ada.page)
    look_into(ada.page, notes)

    expect(row.get_by_test_id("map-region")).to_have_value("wrist")
    note = ada.page.get_by_test_id("import-note").filter(has_text="Somebody has prompted the frame")
    expect(note).to_be_visible()


def test_a_file_of_several_tasks_waits_for_the_choice(ada: AnnotatorPage, tmp_path: Path) -> None:
    page = ada.page
    tasks = [on_frame(number) for number in (1, 2)]
    for task, name in zip(tasks, ("a.mp4", "b.mp4"), strict=True):
        task["data"] = {"video": name}
        task["annotations"][0]["result"] = [tracked_box()]
    look_into(page, written(tmp_path / "two.json", tasks))
    expect(page.get_by_test_id("import-summary")).to_have_text("Choose the task first.")
    expect(page.get_by_test_id("import-task")).to_be_focused()
    page.get_by_test_id("import-task").select_option(label="2: b.mp4")

    expect(page.get_by_test_id("import-start")).to_be_enabled()


def tracked_box() -> Any:
    keyframe = {"frame": 1, "time": 0.04, "x": 10, "y": 20, "width": 30, "height": 40}
    value = {"framesCount": 90, "duration": 3.6, "labels": ["shaft"]}
    value["sequence"] = [{**keyframe, "rotation": 0, "enabled": True}]
    return {"id": "r", "type": "videorectangle", "from_name": "b", "to_name": "v", "value": value}


def test_a_broken_file_says_where_and_another_one_is_taken(
    ada: AnnotatorPage, notes: Path, tmp_path: Path, complaints: Complaints
) -> None:
    complaints.expect(*REFUSED)
    broken = tmp_path / "cut.json"
    broken.write_text('{"a": [1, 2')
    look_into(ada.page, broken)
    expect(ada.page.get_by_test_id("import-error")).to_contain_text("line 1 column")
    expect(ada.page.get_by_test_id("import-start")).to_be_disabled()
    ada.page.get_by_test_id("import-input").set_input_files(notes)

    expect(ada.page.get_by_test_id("import-start")).to_be_enabled()
    expect(ada.page.get_by_test_id("import-error")).to_be_hidden()


def test_a_zip_of_frames_is_sent_on_as_a_video(
    ada: AnnotatorPage, tmp_path: Path, complaints: Complaints
) -> None:
    complaints.expect(*REFUSED)
    frames = tmp_path / "walk.zip"
    with zipfile.ZipFile(frames, "w") as archive:
        for number in range(3):
            picture = np.full((48, 64, 3), 80 * number, np.uint8)
            archive.writestr(f"{number:05d}.jpg", cv2.imencode(".jpg", picture)[1].tobytes())
    look_into(ada.page, frames)
    ada.page.get_by_test_id("import-as-video").click()

    expect(ada.page.get_by_test_id("video-item").filter(has_text="walk")).to_be_visible()


def test_without_a_connection_the_file_and_the_choices_are_kept(
    ada: AnnotatorPage, notes: Path, complaints: Complaints
) -> None:
    complaints.expect(*REFUSED)
    page = ada.page
    look_into(page, notes)
    expect(page.get_by_test_id("import-start")).to_be_enabled()
    page.context.set_offline(True)
    page.get_by_test_id("map-instance").first.select_option("none")
    expect(page.get_by_test_id("import-error")).to_contain_text("your choices are kept")
    page.context.set_offline(False)

    expect(page.get_by_test_id("import-start")).to_be_enabled(timeout=60_000)
    expect(page.get_by_test_id("map-instance").first).to_have_value("none")


def test_a_look_that_broke_off_is_repeated_by_itself(
    ada: AnnotatorPage, notes: Path, complaints: Complaints
) -> None:
    complaints.expect(*REFUSED)
    ada.page.route("**/imports?*", lambda route: route.abort(), times=1)
    look_into(ada.page, notes)
    expect(ada.page.get_by_test_id("import-error")).to_contain_text("your choices are kept")

    expect(ada.page.get_by_test_id("import-frame")).to_have_count(3)


def test_a_file_dropped_on_the_page_is_imported_by_enter(ada: AnnotatorPage) -> None:
    text = json.dumps({"prompts": [{"frame": 2, "box": [10, 10, 70, 50]}]})
    files = ada.page.evaluate_handle(
        "text => { const data = new DataTransfer();"
        " data.items.add(new File([text], 'clicks.json')); return data; }",
        text,
    )
    ada.page.dispatch_event("#stage", "drop", {"dataTransfer": files})
    expect(ada.page.get_by_test_id("import-start")).to_be_focused()
    ada.press("Enter")

    ada.until(lambda: boxes(ada, "1/overall") == [2])


@pytest.mark.slow
def test_exports_of_another_server_are_downloaded_with_its_token(
    shared_server: LiveServer,
    gpu_server: LiveServer,  # noqa: F811
    new_page: NewPage,
    notes: Path,
) -> None:
    page = new_page(**DOWNLOADS)
    ada = AnnotatorPage(page, shared_server.url)
    page.goto(shared_server.url)
    point_at(page, gpu_server.url.removeprefix("http://"), "remote/token+with=signs")
    ada.until_drawn(0)
    ada.until(lambda: ada.state("video.open.state") == "ready")
    ada.click(*SHAFT)
    ada.press("Shift+E")
    page.get_by_test_id("export-start").click()
    with saved(page) as archive:
        assert "instance1/masks_overall/00001.png" in archive.namelist()
    ada.press("Escape")
    look_into(page, notes)
    expect(page.get_by_test_id("import-start")).to_be_enabled()

    assert (page.get_by_test_id("import-error").text_content() or "") == ""
    expect(page.get_by_test_id("import-frame")).to_have_count(3)
