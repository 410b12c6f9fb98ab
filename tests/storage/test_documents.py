"""Own JSON files are read within bounds, whatever happened to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sam2_session.storage import documents
from sam2_session.storage.documents import read_document

BROKEN = [b"", b"[]", b"3", b"{", b'{"a": NaN}', b"[" * 100_000, b'{"a":' * 5000, b"\xff\xfe"]


@pytest.mark.parametrize("content", BROKEN)
def test_whatever_is_no_object_is_a_value_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "video.json"
    path.write_bytes(content)

    with pytest.raises(ValueError, match=r"."):
        read_document(path)


def test_a_file_far_too_long_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "video.json"
    path.write_text('{"a": 1}')
    assert read_document(path) == {"a": 1}
    monkeypatch.setattr(documents, "MAX_BYTES", 7)

    with pytest.raises(ValueError, match="has 8 bytes"):
        read_document(path)
