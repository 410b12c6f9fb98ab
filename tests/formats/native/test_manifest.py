"""The manifest of an archive is believed within bounds."""

from __future__ import annotations

import json
from pathlib import Path

from sam2_session.formats.importing.file_tree import open_zip
from sam2_session.formats.native.manifest import MAX_LINES, read_manifest
from tests.formats.archives import make_zip


def test_lines_that_a_manifest_merely_claims_take_no_memory(tmp_path: Path) -> None:
    pieces = [
        {"frame_idx": at, "instance_id": 1, "region": "shaft", "lines": lines}
        for at, lines in enumerate((2, 999_999_999, 999_999_999))
    ]
    data = json.dumps({"format": "yolo_seg", "pieces": pieces}).encode()
    with open_zip(make_zip(tmp_path / "a.zip", {"manifest.json": data})) as tree:
        lines = read_manifest(tree).lines

    assert lines[0] == [(1, "shaft")] * 2
    assert sum(map(len, lines.values())) == MAX_LINES
