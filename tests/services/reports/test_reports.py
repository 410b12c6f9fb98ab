"""Reports: the figures of a video and of a batch, on a page that needs nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import numpy as np
import pytest

from sam2_session.core.errors import BatchNotFound, VideoNotFound
from sam2_session.core.masks import MaskFacts
from sam2_session.core.types import MaskFlag, MaskSource
from sam2_session.formats.exporting.source import Pair
from sam2_session.formats.shapes.islands import islands_of
from sam2_session.services.reports.curves import WIDTH, curve_of
from sam2_session.services.reports.pair_figures import (
    Island,
    PairFigures,
    PairRows,
    flicker_of,
    gaps_between,
)
from sam2_session.services.reports.service import _share, _spans
from sam2_session.services.reports.worst_masks import worst_masks
from sam2_session.storage.instance_rows import Instance
from sam2_session.storage.mask_rows import MaskRow
from tests.annotating import BODY, DISC, Annotator, annotating, make_moving_clip, settings_of

FIRST = {"video_id": "clip", "instance_id": 1, "region": "overall"}
NAME = '<b onclick="x()">'


@pytest.fixture(scope="module")
def ada(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Annotator]:
    """A body tracked but for two frames, a disc with one island, and a second video untouched."""
    settings = settings_of(tmp_path_factory.mktemp("reports"))
    settings.videos_dir.mkdir(parents=True)
    make_moving_clip(settings.videos_dir / "other.mp4", 3)
    with annotating(settings) as ada:
        ada.open()
        ada.call("update_instance", video_id="clip", instance_id=1, name=NAME)
        ada.call("create_instance", video_id="clip")
        ada.click(0, *BODY)
        ada.click(0, *DISC, instance_id=2)
        ada.propagate()
        job = ada.call("delete_masks", **FIRST, frames=[[4, 5]])
        ada.job_ended(job["job_id"])
        ada.call("approve", **FIRST, frames=[[7, 7]], rejected=True, reason="wrong side")
        yield ada


class Page(HTMLParser):
    """The tags of a page and the addresses that it would load."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.handlers: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.loads += [value or "" for name, value in attrs if name in ("src", "href", "srcset")]


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.S))


def test_the_report_of_a_video_tells_its_figures(ada: Annotator) -> None:
    answer = ada.call("report_video", video_id="clip")

    html = answer["data"].decode()
    words = text_of(html)
    assert answer["file_name"] == "clip-report.html"
    assert "2 pairs 22 masks 2 by hand 0 approved 1 run" in words
    assert "&lt;b onclick=&#34;x()&#34;&gt; 83 % 10 1 0 1 0 0 0 1 0" in words
    assert "gaps 4-5 flicker none" in words
    assert "rejected: wrong side" in words
    assert "ada" in words  # she clicked
    assert "0 to 11 forward done 22 0" in words
    assert ada.call("get_video", video_id="clip")["sha256"] in words


def test_the_page_needs_nothing_but_itself(ada: Annotator) -> None:
    page = Page(ada.call("report_video", video_id="clip")["data"].decode())

    pictures = [load for load in page.loads if load.startswith("data:image/jpeg;base64,")]
    assert 2 <= len(pictures) <= 12
    assert page.loads == pictures
    assert page.handlers == []
    assert {"script", "link", "iframe", "b onclick"} & set(page.tags) == set()
    assert {"svg", "polyline", "figure"} <= set(page.tags)


def test_frames_that_break_a_rule_are_named(ada: Annotator) -> None:
    ada.click(0, *DISC, region="shaft")
    ada.propagate(start=0, end=2)
    before = text_of(ada.call("report_video", video_id="clip")["data"].decode())
    ada.call("change_region_rules", rules={"whole": "overall", "parts": ["shaft"], "inside": True})

    after = text_of(ada.call("report_video", video_id="clip")["data"].decode())

    ada.call("change_region_rules", rules=None)
    assert "Rules between regions" not in before
    assert "pixels in no part &lt;b onclick=&#34;x()&#34;&gt; 0-2 3 0 0" in after


def test_the_report_of_a_batch_has_every_video(ada: Annotator) -> None:
    batch = ada.call("create_batch", name="Monday", video_ids=["clip", "other"])

    html = ada.call("report_batch", batch_id=batch["batch_id"])["data"].decode()

    words = text_of(html)
    assert "A batch of 2 videos" in words
    assert re.search(r"2 other\.mp4 todo \d+ 0 0 0 0 0 0 0", words)
    assert 'href="#item-1"' in html
    assert {load for load in Page(html).loads if not load.startswith("data:")} == {"#item-1"}
    assert (ada.services._settings.outputs_dir / "other/session.sqlite3").exists() is False


def test_what_is_not_there_has_no_report(ada: Annotator) -> None:
    with pytest.raises(VideoNotFound):
        ada.call("report_video", video_id="nothing")
    with pytest.raises(BatchNotFound):
        ada.call("report_batch", batch_id="nothing")


def rows_of(areas: dict[int, int], num_frames: int = 100, **changes: object) -> PairRows:
    masks = {
        idx: MaskRow(idx, 1, MaskSource.PROPAGATED, MaskFacts(area, None), score=5.0)
        for idx, area in areas.items()
    }
    pair = Pair(Instance(1, "tool", "#ff0000"), "overall", 0, "#ff0000")
    rows = PairRows(pair, masks, frozenset({0}), frozenset(), num_frames)
    for idx, flags in changes.items():
        masks[int(idx[1:])] = MaskRow(
            int(idx[1:]), 1, MaskSource.PROPAGATED, MaskFacts(9, None), flags=flags, score=-3.0
        )  # type: ignore[arg-type]
    return rows


def test_gaps_and_flicker_are_found() -> None:
    rows = rows_of({2: 100, 3: 300, 4: 100, 5: 100, 8: 100, 9: 20, 10: 90, 11: 85, 12: 30, 13: 20})

    assert gaps_between(rows.masks) == [(6, 7)]
    assert flicker_of(rows.masks) == [3, 9]


def test_islands_are_counted_with_their_pixels() -> None:
    mask_hw = np.zeros((20, 20), np.bool_)
    assert islands_of(mask_hw) == (0, 0)
    mask_hw[2:10, 2:10] = True
    assert islands_of(mask_hw) == (0, 0)
    mask_hw[15, 15] = mask_hw[15:17, 2:4] = True
    assert islands_of(mask_hw) == (2, 5)


def test_the_worst_masks_come_first_and_lie_apart() -> None:
    lost = (MaskFlag.LOST,)
    rows = rows_of(dict.fromkeys(range(100), 100), _40=lost, _41=lost, _80=())
    figures = PairFigures.of(rows, [Island(10, 2, 33), Island(50, 1, 1)])

    chosen = worst_masks([figures], 4)

    assert [mask.frame_idx for mask in chosen] == [40, 80, 10, 50]
    assert chosen[0].reasons == ("the object is lost", "score -3.0")
    assert chosen[2].reasons == ("2 islands, 33 px",)


def test_a_curve_of_a_long_video_stays_short_and_keeps_its_dips() -> None:
    rows = rows_of(dict.fromkeys(range(20_000), 100), num_frames=30_000, _12345=(MaskFlag.LOST,))

    curve = curve_of(rows)

    points = [point.split(",") for line in curve.lines for point in line.split()]
    assert len(points) <= WIDTH + 1
    assert min(points, key=lambda point: -float(point[1])) == ["296", "49.5"]
    assert [(bar.state, bar.x, bar.width) for bar in curve.bars] == [
        ("run", 0.0, 480.0), ("missing", 480.0, 240.0),
    ]  # fmt: skip


def test_figures_are_written_for_people() -> None:
    assert [_share(value) for value in (0, 0.001, 0.5, 0.999, 1)] == [
        "0 %", "< 1 %", "50 %", "99 %", "100 %",
    ]  # fmt: skip
    assert _spans([1, 2, 3, 9]) == "1-3, 9"
    assert _spans([(6, 7)]) == "6-7"
    assert _spans(range(0, 40, 2)).endswith("22 and 8 more")
