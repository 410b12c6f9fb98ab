"""Cuts a page out of a list: `limit` items at most, from the one behind `after` on."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from sam2_session.core.errors import InvalidRequest, NotFound
from sam2_session.services.operations.operation import Pages

MAX_LIMIT = 10_000
NUMBER = re.compile(r"[0-9]{1,16}")
PARAMETERS: dict[str, dict[str, Any]] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT},
    "after": {"type": "string", "minLength": 1, "maxLength": 200},
}


def take_page(answer: dict[str, Any], pages: Pages, query: Mapping[str, str]) -> dict[str, Any]:
    """Return the answer with its list cut, and in `next` the `after` of the next page, or null.

    Without `limit` and `after` the answer stays as it is. Raises InvalidRequest, or NotFound for an
    `after` that is not in the list.
    """
    if "limit" not in query and "after" not in query:
        return answer
    rows = answer[pages.rows]
    if not isinstance(rows, list):
        raise InvalidRequest(
            "limit and after cut a list of rows.", hint="Leave out form=columns, or both."
        )
    ids = [row[pages.id] for row in rows]
    first = _index_behind(ids, query["after"]) if "after" in query else 0
    stop = first + _limit(query["limit"]) if "limit" in query else len(rows)
    more = stop < len(rows)
    return {**answer, pages.rows: rows[first:stop], "next": str(ids[stop - 1]) if more else None}


def _limit(text: str) -> int:
    if not NUMBER.fullmatch(text) or not 1 <= int(text) <= MAX_LIMIT:
        raise InvalidRequest(f"limit must be a whole number from 1 to {MAX_LIMIT}.")
    return int(text)


def _index_behind(ids: list[Any], after: str) -> int:
    """Find where the next page begins, also if the item was deleted in a list of rising numbers."""
    for index, item_id in enumerate(ids):
        if str(item_id) == after:
            return index + 1
    if NUMBER.fullmatch(after) and _rise(ids):
        return bisect_right(ids, int(after))
    raise NotFound(
        f"after names no item of the list: {after[:80]!r}.",
        hint="Take `next` of the page before, or begin without `after`.",
    )


def _rise(ids: list[Any]) -> bool:
    """Return whether ids are numbers, each greater than the one before."""
    numbers = all(isinstance(item_id, int) for item_id in ids)
    return numbers and all(low < high for low, high in pairwise(ids))
