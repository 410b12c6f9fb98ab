"""Files that cannot be: each is refused or reported by name, and nothing of the video changes."""

from __future__ import annotations

import json
import struct
import zlib
from typing import Any

import pytest

from sam2_session.core.errors import SessionError, UnsupportedImport
from sam2_session.settings import Settings
from tests.annotating import BODY, Annotator
from tests.formats.archives import make_link, make_zip, mask_png
from tests.services.imports.conftest import Importer
from tests.services.imports.steps import everything, masks_of

IMAGE = {"id": 1, "file_name": "00001.jpg", "width": 160, "height": 96}
FOLDER = "instance1/masks_overall/00003.png"


def coco(image: dict[str, Any] | None = None, **annotation: Any) -> bytes:
    row = {"id": 1, "image_id": 1, "category_id": 1, **annotation}
    return json.dumps({"images": [{**IMAGE, **(image or {})}], "annotations": [row]}).encode()


def huge_png() -> bytes:
    """A few bytes that claim to be a picture of four gigapixels."""
    head = struct.pack(">IIBBBBB", 65535, 65535, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


REFUSED = {
    "nested 100 000 deep": (b'{"prompts": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "depth"),
    "a name twice": (b'{"prompts": [], "prompts": []}', "same name twice"),
    "not UTF-8": (b'{"prompts": [], "name": "\xff"}', "UTF-8"),
    "cut short": (b'{"prompts": [{"frame": 1, "x"', "no JSON"),
    "not a number": (b'{"prompts": [{"frame": 1, "x": NaN, "y": 1}]}', "no JSON"),
    "too many": (b'{"prompts": [' + b"[]," * 4_100_000 + b"[]]}", "more than 4000000"),
}
REPORTED = {
    "frame 2^40": (coco({"frame_idx": 2**40}, bbox=[1, 1, 50, 50]), "frame number"),
    "size 2^40": (coco(segmentation={"size": [2**40, 2**40], "counts": "0"}), "neither"),
    "a frame too late": (coco({"frame_idx": 12}, bbox=[1, 1, 50, 50]), "outside the video"),
}
BROKEN_ZIPS = {
    "a bomb": {"a.json": b"[" + b"0," * 60_000_000 + b"0]"},
    "a way out": {"../../outputs/clip/" + FOLDER: mask_png(1, (96, 160))},
    "nothing known": {"notes.txt": b"hello"},
}
USELESS_ZIPS = {
    "a huge picture": ({FOLDER: huge_png()}, "65535x65535"),
    "another size": ({FOLDER: mask_png(1, (90, 160))}, "The mask is 160x90"),
    "no picture": ({FOLDER: b"hello"}, "not a PNG"),
}


@pytest.fixture
def before(ada: Annotator, settings: Settings) -> Any:
    ada.click(0, *BODY)
    return everything(settings, ada)


def test_files_that_cannot_be_read_are_refused_and_change_nothing(
    importer: Importer, ada: Annotator, settings: Settings, before: Any
) -> None:
    for name, (data, why) in REFUSED.items():
        with pytest.raises(SessionError, match=why):
            importer.send(data, dry_run=True)
        job = importer.ended(importer.send(data)["job_id"])

        assert (job["state"], job["error"]["code"] in ("unsupported_import", "too_large")) == (
            "failed",
            True,
        ), name
    assert everything(settings, ada) == before


def test_what_lies_nowhere_in_the_video_is_reported_and_changes_nothing(
    importer: Importer, ada: Annotator, settings: Settings, before: Any
) -> None:
    zips = {name: (importer.zip(files), why) for name, (files, why) in USELESS_ZIPS.items()}
    for name, (data, why) in {**REPORTED, **zips}.items():
        report = importer.send(data, dry_run=True)
        job = importer.ended(importer.send(data)["job_id"])

        assert any(why in note["why"] for note in report["notes"]), name
        assert (job["state"], job["error"]["code"]) == ("failed", "nothing_to_do"), name
    assert everything(settings, ada) == before


def test_archives_that_are_no_plain_files_are_refused_and_change_nothing(
    importer: Importer, ada: Annotator, settings: Settings, before: Any, tmp_path: Any
) -> None:
    zips = [make_zip(tmp_path / "a.zip", files, packed=True).read_bytes()
            for files in BROKEN_ZIPS.values()]  # fmt: skip
    zips.append(make_link(tmp_path / "link.zip", FOLDER, "/etc/hosts").read_bytes())
    zips.append(importer.zip(masks_of(1, 2))[:-40])
    for data in zips:
        with pytest.raises(SessionError):
            importer.send(data, dry_run=True)
        assert importer.ended(importer.send(data)["job_id"])["state"] == "failed"
    assert everything(settings, ada) == before
    assert not (settings.outputs_dir / "clip" / FOLDER).exists()


def test_a_large_file_is_read_a_row_at_a_time(importer: Importer, settings: Settings) -> None:
    ring = [5.0, 5.0, 25.0, 5.0, 25.0, 25.0] * 20
    rows = [{"id": at, "image_id": at % 12, "category_id": 1, "segmentation": [ring]}
            for at in range(24)]  # fmt: skip
    document = {
        "images": [{"id": at, "file_name": f"f_{at:05d}.jpg"} for at in range(12)],
        "categories": [{"id": 1, "name": "shaft"}],
        "annotations": rows,
    }
    small = json.dumps(document)
    large = small[:-2] + " " * 9_000_000 + "]}"  # a long list, for its brackets

    assert importer.send(large.encode(), dry_run=True)["counts"]["masks"] == 24
    zipped = importer.zip({"x/instances.json": large.encode(), "readme.txt": b""})
    reports = [
        importer.send(data, dry_run=True) for data in (small.encode(), large.encode(), zipped)
    ]
    for key in ("items", "subjects", "notes"):
        assert reports[0][key] == reports[1][key] == reports[2][key]
    assert importer.ended(importer.send(zipped)["job_id"])["state"] == "done"
    assert list((settings.outputs_dir / "clip").glob(".*.tmp")) == []


@pytest.mark.parametrize("tail", [b"", b"]", b"}}"])
def test_a_large_file_that_was_cut_short_is_refused(importer: Importer, tail: bytes) -> None:
    data = b'{"images": [], "annotations": [1' + b" " * 9_000_000 + tail

    with pytest.raises(UnsupportedImport, match="is no JSON") as refused:
        importer.send(data, dry_run=True)
    assert "cut short" in refused.value.hint
    assert ".upload" not in refused.value.message
