"""Query arguments become numbers and flags; other texts stay, for the check of the fields."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, request

from sam2_session.services.operations.imports import IMPORT_FILE
from sam2_session.services.operations.masks import READ_MASK
from sam2_session.services.operations.operation import Operation
from sam2_session.services.operations.videos import GET_VIDEO, READ_FRAME
from sam2_session.web.query import read_query


@pytest.mark.parametrize(
    ("operation", "query", "read"),
    [
        (READ_FRAME, "width=320", {"width": 320}),
        (READ_FRAME, "width=1.5", {"width": "1.5"}),
        (READ_FRAME, "width=-3", {"width": -3}),
        (READ_FRAME, "width=%EF%BC%91", {"width": "１"}),  # another script's digit
        (READ_FRAME, "width=" + "9" * 17, {"width": "9" * 17}),
        (READ_FRAME, "video_id=other", {}),
        (READ_MASK, "alpha=0.5&rev=3", {"alpha": 0.5, "rev": 3}),
        (READ_MASK, "alpha=nan", {"alpha": "nan"}),
        (READ_MASK, "alpha=wide&format=rgba", {"alpha": "wide", "format": "rgba"}),
        (IMPORT_FILE, "dry_run=1", {"dry_run": True}),
        (IMPORT_FILE, "dry_run=false", {"dry_run": False}),
        (IMPORT_FILE, "dry_run=2", {"dry_run": "2"}),
        (GET_VIDEO, "dry_run=1", {}),
    ],
)
def test_an_argument_is_read_as_its_field_wants(
    operation: Operation[Any], query: str, read: dict[str, Any]
) -> None:
    with Flask("query").test_request_context(f"/?{query}"):
        assert read_query(request, operation) == read
