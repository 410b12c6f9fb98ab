"""Jobs that are no runs, stopped with the Cancel of their cards."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.driver import AnnotatorPage
from tests.browser.server import LiveServer
from tests.browser.test_annotating import SHAFT
from tests.browser.test_exports import ask
from tests.browser.test_import_export import ada, boxes, look_into, notes  # noqa: F401 - fixtures

SLOW = {"format": "overlay_mp4", "options": {"side_by_side": True, "crf": 0}}
AHEAD = 5  # slow exports: exports and imports are made one at a time, the others wait


def cancel(page: Page, job_id: str) -> None:
    card = page.locator(f'[data-testid=job-card][data-key="{job_id}"]')
    card.get_by_test_id("job-cancel").click()


def test_an_export_and_an_import_stop_by_their_cancel(
    ada: AnnotatorPage,  # noqa: F811
    live_server: LiveServer,
    notes: Path,  # noqa: F811
) -> None:
    page = ada.page
    place = f"{live_server.url}/api/videos/demo/exports"
    ada.click(*SHAFT)
    ahead = [ask(place, SLOW)["job_id"] for _ in range(AHEAD)]
    ada.until(lambda: ada.jobs("export") >= set(ahead))
    ada.press("Shift+E")
    page.get_by_test_id("export-start").click()
    ada.until(lambda: ada.jobs("export") - set(ahead))
    (export_id,) = ada.jobs("export") - set(ahead)
    ada.press("Escape")
    look_into(page, notes)
    expect(page.get_by_test_id("import-start")).to_be_enabled()
    page.get_by_test_id("import-start").click()
    ada.until(lambda: ada.jobs("import"))
    (import_id,) = ada.jobs("import")
    stopped = [import_id, export_id, ahead[-1]]

    for job_id in stopped:
        cancel(page, job_id)

    for job_id in stopped:
        ada.until(lambda job_id=job_id: ada.state(f"jobs.by_id.{job_id}.state") == "cancelled")
    expect(page.locator(".toast.error")).to_have_count(0)
    assert not {row["export_id"] for row in ask(place)["exports"]} & set(stopped)
    assert boxes(ada, "1/shaft") == []
