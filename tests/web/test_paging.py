"""Pages of a list: nothing is left out or sent twice, also while items go."""

from __future__ import annotations

from typing import Any

import pytest

from sam2_session.core.errors import InvalidRequest, NotFound
from sam2_session.services.operations.operation import Pages
from sam2_session.web.paging import MAX_LIMIT, take_page

PAGES = Pages("masks", "frame_idx")


def answer(*frames: int) -> dict[str, Any]:
    return {"rev": 7, "masks": [{"frame_idx": idx} for idx in frames]}


def frames(page: dict[str, Any]) -> list[int]:
    return [row["frame_idx"] for row in page["masks"]]


def test_without_limit_and_after_the_list_is_whole() -> None:
    assert take_page(answer(1, 2), PAGES, {}) == answer(1, 2)


@pytest.mark.parametrize("limit", range(1, 8))
def test_the_pages_together_are_the_list(limit: int) -> None:
    whole, found, query = answer(0, 3, 4, 9, 11, 12), [], {"limit": str(limit)}
    while True:
        page = take_page(whole, PAGES, query)
        assert page["rev"] == 7
        found += frames(page)
        if page["next"] is None:
            break
        query["after"] = page["next"]

    assert found == frames(whole)


def test_the_page_behind_an_item_that_is_gone_begins_at_the_next() -> None:
    assert frames(take_page(answer(1, 5, 8), PAGES, {"after": "4"})) == [5, 8]
    assert frames(take_page(answer(1, 5, 8), PAGES, {"after": "8"})) == []
    assert take_page(answer(), PAGES, {"after": "8"})["next"] is None


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "x"}, {"limit": str(MAX_LIMIT + 1)}])
def test_wrong_bounds_are_refused(query: dict[str, str]) -> None:
    with pytest.raises(InvalidRequest):
        take_page(answer(1, 2), PAGES, query)


def test_a_text_that_names_no_item_is_refused_rather_than_guessed() -> None:
    jobs = {"jobs": [{"job_id": "a"}, {"job_id": "c"}]}

    with pytest.raises(NotFound, match="names no item"):
        take_page(jobs, Pages("jobs", "job_id"), {"after": "b"})


def test_columns_are_not_cut() -> None:
    columns = {"masks": {"frames": [[0, 4]]}}

    assert take_page(columns, PAGES, {}) == columns
    with pytest.raises(InvalidRequest):
        take_page(columns, PAGES, {"limit": "2"})
