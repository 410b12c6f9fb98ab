"""Takes the pictures of docs/runs.md: of runs, what is done with them, and a report."""

from __future__ import annotations

from playwright.sync_api import Browser, ViewportSize

from scripts.shots import RUN_S, SMALL, close_toasts, select, shoot_small
from tests.browser.driver import AnnotatorPage
from training.clips import DEMO, Clip, click_in, make_clip

PAPER = ViewportSize(width=1000, height=760)
TOOL, SHAFT, GRIPPER = (1, "overall"), (1, "shaft"), (1, "gripper")
COMPARED = 34  # a frame whose masks are compared
GAP = (40, 70)  # prompted frames with a gap between them
RULED = (0, 30)  # frames whose regions are to keep rules


def work_with_runs(browser: Browser, url: str) -> None:
    """Track, correct and track again; compare, fill, choose rules, walk what is suspicious."""
    clip = make_clip(DEMO)
    ada = AnnotatorPage(browser.new_page(viewport=SMALL), url)
    ada.open()
    track_twice(ada, clip)
    fill(ada, clip)
    walk(ada)
    choose_rules(ada, clip)
    ada.page.set_viewport_size(PAPER)
    ada.page.goto(f"{url}/api/videos/demo/report.html")
    shoot_small(ada.page, "report.png")
    ada.page.close()


def track_twice(ada: AnnotatorPage, clip: Clip) -> None:
    """Track the jaws of a tool, click on its shaft instead, track again, and compare both."""
    click(ada, clip, TOOL, 0, "gripper")
    run(ada, "f")
    ada.go_to(0)
    ada.press_and_settle("c")
    click(ada, clip, TOOL, 0, "shaft")
    run(ada, "f")
    close_toasts(ada)
    ada.press("Alt+h")
    ada.page.get_by_test_id("run-row").nth(1).wait_for()
    picture(ada, "runs-history.png")
    ada.press("Escape")
    ada.go_to(COMPARED)
    ada.press("Alt+x")
    ada.until(lambda: (ada.state("run_history.before") or {}).get("frame_idx") == COMPARED)
    picture(ada, "runs-compare.png")
    ada.press("Alt+x")


def fill(ada: AnnotatorPage, clip: Clip) -> None:
    """Fill a gap from both sides."""
    for frame_idx in GAP:
        click(ada, clip, SHAFT, frame_idx, "shaft")
    ada.go_to(sum(GAP) // 2)
    run(ada, "/")
    close_toasts(ada)
    picture(ada, "runs-fill.png")


def choose_rules(ada: AnnotatorPage, clip: Clip) -> None:
    """Track two parts of the tool over a range, and let rules hold between them and the whole."""
    for frame_idx, key in zip(RULED, "[]", strict=True):
        ada.go_to(frame_idx)
        ada.press(key)
    for pair in (SHAFT, GRIPPER):
        click(ada, clip, pair, RULED[0], pair[1])
        run(ada, "f")
    ada.press("&")
    ada.page.get_by_test_id("rules-save").focus()
    ada.press("Enter")
    ada.until(lambda: ada.state("region_rules.violations"))
    close_toasts(ada)
    ada.press("Alt+z")
    picture(ada, "runs-rules.png")


def walk(ada: AnnotatorPage) -> None:
    """Go to the most suspicious mask, and list the others."""
    close_toasts(ada)
    ada.press("'")
    ada.page.get_by_test_id("toast").filter(has_text="the worst first").wait_for()
    picture(ada, "runs-suspicion.png")
    ada.press("!")
    ada.page.get_by_test_id("suspicion-row").first.wait_for()
    picture(ada, "runs-suspicions.png")
    ada.press("Escape")


def click(ada: AnnotatorPage, clip: Clip, pair: tuple[int, str], frame_idx: int, part: str) -> None:
    """Click for a pair into the middle of a part of its tool."""
    select(ada, pair)
    ada.go_to(frame_idx)
    ada.click(*click_in(clip.masks_thw(pair[0] - 1, part)[frame_idx]))


def run(ada: AnnotatorPage, key: str) -> None:
    """Start a run by its key, and wait for its end."""
    known = ada.jobs("propagate")
    ada.press(key)
    ada.until(lambda: ada.jobs("propagate") - known)
    (job_id,) = ada.jobs("propagate") - known
    ada.until(lambda: ada.state(f"jobs.by_id.{job_id}.state") == "done", RUN_S)


def picture(ada: AnnotatorPage, name: str) -> None:
    """Take a picture of the page as it is."""
    ada.painted()
    shoot_small(ada.page, name)
