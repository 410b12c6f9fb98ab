"""URLs that the web layer adds to the answers of operations."""

from __future__ import annotations

from sam2_session.services.operations.exports import LIST_EXPORTS
from sam2_session.services.operations.imports import IMPORT_FILE
from sam2_session.web.links import add_links


def test_an_item_of_a_dry_run_gets_the_thumbnail_of_its_frame() -> None:
    answer = add_links(IMPORT_FILE, {"video_id": "clip"}, {"items": [{"frame_idx": 2}]})

    assert answer["items"] == [
        {"frame_idx": 2, "thumbnail": "/api/videos/clip/frames/2.jpg?width=160"}
    ]


def test_an_export_gets_the_urls_of_its_file_and_manifest() -> None:
    answer = add_links(LIST_EXPORTS, {"video_id": "clip"}, {"exports": [{"export_id": "a"}]})

    (export,) = answer["exports"]
    assert export["url"] == "/api/videos/clip/exports/a"
    assert export["manifest_url"] == "/api/videos/clip/exports/a/manifest.json"
