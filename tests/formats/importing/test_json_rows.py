"""Rows of large JSON files are read one at a time, and are what a whole parse gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sam2_session import breaks
from sam2_session.core.errors import UnsupportedImport
from sam2_session.formats.importing.json_rows import (
    LargeDocument,
    RowIndex,
    RowList,
    open_document,
)
from sam2_session.services.decoding import json_rows
from sam2_session.services.decoding.json_index import joined
from sam2_session.services.decoding.json_rows import find_rows

ROWS = [{"a": [1, {"b": ']}\\"'}]}, [], {}, 3, "ä,[", None, {"x": 'é"', "y": [[1, 2], [3]]}]


def indexed(path: Path) -> RowIndex:
    return joined(list(find_rows(path)))


@pytest.fixture(autouse=True)
def every_list_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_rows, "LONG_BYTES", 3)
    monkeypatch.setattr(json_rows, "LEAST_ROW_BYTES", 0)
    monkeypatch.setattr(json_rows, "ROWS_PER_MESSAGE", 2)


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("begin", [b"", b"\xef\xbb\xbf", b" \n"])
@pytest.mark.parametrize(
    "document",
    [
        ROWS,
        [],
        {"rows": ROWS},
        {"info": {"rows": ROWS}, "images": ROWS, "annotations": ROWS * 3, "last": "]"},
        {"empty": [], "short": [1], "é[": ROWS, "n": 1.5e3},
    ],
)
def test_rows_are_what_a_whole_parse_gives(
    tmp_path: Path, document: Any, begin: bytes, ascii_only: bool, indent: int | None
) -> None:
    path = tmp_path / "a.json"
    text = json.dumps(document, indent=indent, ensure_ascii=ascii_only)
    path.write_bytes(begin + text.encode())

    with open_document(LargeDocument(path, indexed(path))) as found:
        assert whole(found) == document


def whole(value: Any) -> Any:
    """Copy a document into plain lists and objects."""
    if isinstance(value, list):
        assert [value[at] for at in range(len(value))] == list(value)
        return [whole(row) for row in value]
    return {name: whole(row) for name, row in value.items()} if isinstance(value, dict) else value


@pytest.mark.parametrize("data", [b"[1, 2", b'{"a": [1, 2]', b"[1 2]", b"{]"])
def test_broken_json_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(data)

    with pytest.raises(UnsupportedImport, match="The file is no JSON"):
        indexed(path)


def test_a_list_of_very_small_rows_is_read_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(json.dumps({"points": [[1, 2]] * 100}).encode())
    monkeypatch.setattr(json_rows, "LEAST_ROW_BYTES", 128)

    assert list(find_rows(path)) == []


def test_a_row_that_is_no_text_is_refused_when_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b'["ok", "\xff"]')

    with open_document(LargeDocument(path, indexed(path))) as found:
        assert found[0] == "ok"
        with pytest.raises(UnsupportedImport, match="The file is no JSON"):
            found[1]


@pytest.mark.parametrize("data", [b"", b"<annotations/>", b"x" * 100])
def test_files_of_another_kind_have_no_rows(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(data)

    assert list(find_rows(path)) == []


def test_rows_of_lists_within_rows_are_read_one_at_a_time(tmp_path: Path) -> None:
    rows = [{"id": at, "a": {"segmentations": [[1, 2], None, [at]]}} for at in range(3)]
    path = tmp_path / "a.json"
    path.write_bytes(json.dumps({"annotations": rows, "b": {"c": [[1], [2]]}}).encode())

    with open_document(LargeDocument(path, indexed(path))) as found:
        assert isinstance(found["annotations"][1]["a"]["segmentations"], RowList)
        assert isinstance(found["b"]["c"], RowList)
        assert whole(found["annotations"]) == rows


def test_lists_nested_without_end_are_looked_into_only_so_far(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"[" * 500 + b"]" * 500)

    assert max(map(len, indexed(path).lists)) == json_rows.MOST_NESTED


@pytest.mark.parametrize(("stretch_s", "expected"), [(0.0, 3), (60.0, 0)])
def test_readers_take_breaks_between_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stretch_s: float, expected: int
) -> None:
    path, taken = tmp_path / "a.json", list[float]()
    path.write_bytes(b'["a", "b", "c"]')
    monkeypatch.setattr(breaks, "STRETCH_S", stretch_s)
    monkeypatch.setattr(breaks, "sleep", taken.append)

    with open_document(LargeDocument(path, indexed(path))) as found:
        assert list(found) == ["a", "b", "c"]
    assert len(taken) == expected
