from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from sam2_session.core.errors import ModelUnavailable
from sam2_session.models.checkpoints import CheckpointStore
from tests.models.conftest import DATA, model_spec


def put(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "model.pt"
    path.write_bytes(data)
    return path


def verified(tmp_path: Path) -> dict[str, dict[str, object]]:
    return json.loads((tmp_path / "verified.json").read_text())


def test_a_file_that_is_not_there_is_not_ready(store: CheckpointStore) -> None:
    assert store.path_if_ready(model_spec()) is None
    assert not store.is_present(model_spec())


def test_the_right_file_is_ready_without_a_download(store: CheckpointStore, tmp_path: Path) -> None:
    path = put(tmp_path, DATA)

    assert store.path_if_ready(model_spec()) == path
    assert store.ensure(model_spec()) == path
    assert store.is_present(model_spec())


def test_a_missing_tracked_file_says_how_to_bring_it_back(store: CheckpointStore) -> None:
    with pytest.raises(ModelUnavailable, match=r"checkpoints/model\.pt is missing") as raised:
        store.ensure(model_spec(url=None))

    assert "git checkout -- checkpoints/model.pt" in raised.value.hint


def test_a_truncated_file_says_its_size_and_the_cure(
    store: CheckpointStore, tmp_path: Path
) -> None:
    put(tmp_path, DATA[:1000])

    with pytest.raises(ModelUnavailable, match="expected 262144 bytes, got 1000 bytes") as raised:
        store.ensure(model_spec())

    assert "git checkout" in raised.value.hint


def test_a_changed_file_says_both_hashes(store: CheckpointStore, tmp_path: Path) -> None:
    data = b"x" * len(DATA)
    put(tmp_path, data)

    with pytest.raises(ModelUnavailable) as raised:
        store.path_if_ready(model_spec(url="https://example.org/model.pt"))

    assert f"expected sha256 {hashlib.sha256(DATA).hexdigest()}" in raised.value.message
    assert f"got sha256 {hashlib.sha256(data).hexdigest()}" in raised.value.message
    assert "fetched anew" in raised.value.hint


def test_a_verified_file_is_not_read_again(store: CheckpointStore, tmp_path: Path) -> None:
    path = put(tmp_path, DATA)
    store.path_if_ready(model_spec())
    stat = path.stat()

    path.write_bytes(b"x" * len(DATA))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    assert store.path_if_ready(model_spec()) == path  # same size and time: taken on trust


def test_a_file_touched_since_is_verified_again(store: CheckpointStore, tmp_path: Path) -> None:
    path = put(tmp_path, DATA)
    store.path_if_ready(model_spec())
    path.write_bytes(b"x" * len(DATA))
    os.utime(path, ns=(0, 0))

    with pytest.raises(ModelUnavailable, match="not the right file"):
        store.path_if_ready(model_spec())


def test_a_corrected_row_verifies_a_remembered_file_again(
    store: CheckpointStore, tmp_path: Path
) -> None:
    put(tmp_path, DATA)
    store.path_if_ready(model_spec())

    with pytest.raises(ModelUnavailable, match="not the right file"):
        store.path_if_ready(model_spec(sha256="0" * 64))


def test_damaged_memory_of_verified_files_only_costs_time(
    store: CheckpointStore, tmp_path: Path
) -> None:
    path = put(tmp_path, DATA)
    (tmp_path / "verified.json").write_text("{half")

    assert store.path_if_ready(model_spec()) == path
    assert verified(tmp_path)["model.pt"]["sha256"] == model_spec().sha256


def test_without_a_published_hash_the_first_one_is_pinned(
    store: CheckpointStore, tmp_path: Path
) -> None:
    put(tmp_path, DATA)
    spec = model_spec(sha256=None, bytes=None)
    assert store.path_if_ready(spec)

    put(tmp_path, b"another file")

    with pytest.raises(ModelUnavailable, match="not the right file"):
        store.path_if_ready(spec)


def test_damaged_pins_are_not_trusted_anew_in_silence(
    store: CheckpointStore, tmp_path: Path
) -> None:
    put(tmp_path, DATA)
    (tmp_path / "pins.json").write_text("{half")

    with pytest.raises(ModelUnavailable, match=r"pins\.json is damaged"):
        store.path_if_ready(model_spec(sha256=None))


def test_a_model_that_comes_with_the_program_needs_no_folder_of_the_user(tmp_path: Path) -> None:
    bundled = tmp_path / "bundled"
    bundled.mkdir()
    (bundled / "model.pt").write_bytes(DATA)
    store = CheckpointStore(tmp_path / "checkpoints", bundled_dir=bundled)

    assert store.path_if_ready(model_spec(url=None)) == bundled / "model.pt"
    assert store.is_present(model_spec(url=None))
    assert not (tmp_path / "checkpoints").exists()


def test_a_model_with_an_address_is_never_taken_from_the_program(tmp_path: Path) -> None:
    (tmp_path / "model.pt").write_bytes(DATA)
    store = CheckpointStore(tmp_path / "checkpoints", bundled_dir=tmp_path)

    assert store.path_if_ready(model_spec(url="https://example.org/model.pt")) is None
