from __future__ import annotations

import fcntl
import shutil
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path

import pytest

from sam2_session.core.errors import Cancelled, ModelUnavailable, StorageFailed
from sam2_session.models.checkpoints import CheckpointStore
from sam2_session.models.registry import ModelSpec
from tests.models.conftest import DATA, model_spec
from tests.models.file_server import Behaviour

Served = Callable[..., tuple[ModelSpec, Behaviour]]
HALF = len(DATA) // 2


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_download_arrives_whole_and_leaves_no_parts(
    store: CheckpointStore, served: Served, tmp_path: Path
) -> None:
    spec, _ = served()

    path = store.ensure(spec)

    assert path.read_bytes() == DATA
    assert names(tmp_path) == {"model.pt", "model.pt.part.lock", "verified.json"}


def test_progress_counts_bytes_to_the_end(store: CheckpointStore, served: Served) -> None:
    spec, _ = served()
    seen: list[tuple[int, int]] = []

    store.ensure(spec, lambda done, total: seen.append((done, total)))

    assert seen[0] == (0, len(DATA))
    assert seen[-1] == (len(DATA), len(DATA))
    assert seen == sorted(seen)


def test_a_cut_connection_goes_on_where_it_stopped(store: CheckpointStore, served: Served) -> None:
    spec, server = served(cut_after=[100_000, 50_000])

    path = store.ensure(spec)

    assert path.read_bytes() == DATA
    assert server.seen == [None, "bytes=100000-", "bytes=150000-"]


def test_a_server_without_ranges_is_read_from_the_start_again(
    store: CheckpointStore, served: Served
) -> None:
    spec, server = served(ranges=False, cut_after=[100_000])

    assert store.ensure(spec).read_bytes() == DATA
    assert server.seen == [None, "bytes=100000-"]


def test_a_later_start_goes_on_with_what_an_earlier_one_left(
    store: CheckpointStore, served: Served, tmp_path: Path
) -> None:
    spec, server = served()
    (tmp_path / "model.pt.part").write_bytes(DATA[:HALF])

    assert store.ensure(spec).read_bytes() == DATA
    assert server.seen == [f"bytes={HALF}-"]


def test_a_part_that_is_complete_needs_no_request(
    store: CheckpointStore, served: Served, tmp_path: Path
) -> None:
    spec, server = served()
    (tmp_path / "model.pt.part").write_bytes(DATA)

    assert store.ensure(spec).read_bytes() == DATA
    assert server.seen == []


def test_a_part_longer_than_the_file_is_thrown_away(
    store: CheckpointStore, served: Served, tmp_path: Path
) -> None:
    spec, _ = served(spec={"bytes": None})
    (tmp_path / "model.pt.part").write_bytes(DATA + b"more")

    assert store.ensure(spec).read_bytes() == DATA


def test_without_a_hash_versions_are_never_glued_together(
    store: CheckpointStore, served: Served, tmp_path: Path
) -> None:
    spec, server = served(spec={"sha256": None}, etag='"v2"')
    (tmp_path / "model.pt.part").write_bytes(b"x" * HALF)
    (tmp_path / "model.pt.part.etag").write_text('"v1"')

    assert store.ensure(spec).read_bytes() == DATA
    assert server.seen == [f"bytes={HALF}-"]  # asked If-Range: the server sent all of it


def test_without_a_hash_or_an_etag_nothing_is_resumed(
    store: CheckpointStore, served: Served, tmp_path: Path
) -> None:
    spec, server = served(spec={"sha256": None})
    (tmp_path / "model.pt.part").write_bytes(b"x" * HALF)

    assert store.ensure(spec).read_bytes() == DATA
    assert server.seen == [None]


def test_wrong_bytes_are_deleted_and_both_hashes_named(
    store: CheckpointStore, served: Served, tmp_path: Path
) -> None:
    spec, _ = served(data=b"x" * len(DATA))

    with pytest.raises(ModelUnavailable, match=f"expected sha256 {spec.sha256}, got "):
        store.ensure(spec)

    assert names(tmp_path) == {"model.pt.part.lock"}


def test_a_file_of_another_size_is_refused_before_it_is_read(
    store: CheckpointStore, served: Served, tmp_path: Path
) -> None:
    spec, _ = served(data=DATA + b"more")

    with pytest.raises(ModelUnavailable, match="262148 bytes or more; 262144 were expected"):
        store.ensure(spec)

    assert names(tmp_path) == {"model.pt.part.lock"}


def test_not_found_is_told_at_once(store: CheckpointStore, served: Served) -> None:
    spec, server = served(status=404)

    with pytest.raises(ModelUnavailable, match="HTTP 404") as raised:
        store.ensure(spec)

    assert "checkpoints/ as model.pt" in raised.value.hint
    assert len(server.seen) == 1


def test_a_busy_server_is_asked_again(store: CheckpointStore, served: Served) -> None:
    spec, server = served(busy=2)

    assert store.ensure(spec).read_bytes() == DATA
    assert len(server.seen) == 3


def test_a_server_that_stays_busy_is_given_up(store: CheckpointStore, served: Served) -> None:
    spec, server = served(busy=99)

    with pytest.raises(ModelUnavailable, match="HTTP 503"):
        store.ensure(spec)

    assert len(server.seen) == 3


def test_no_server_at_all_is_a_clear_error(store: CheckpointStore, free_port: int) -> None:
    with pytest.raises(ModelUnavailable, match="cannot be fetched"):
        store.ensure(model_spec(url=f"http://127.0.0.1:{free_port}/model.pt"))


def test_a_slow_download_is_cancelled_and_goes_on_later(
    store: CheckpointStore, served: Served, tmp_path: Path
) -> None:
    spec, server = served(pause_s=0.2)
    part = tmp_path / "model.pt.part"

    with pytest.raises(Cancelled):
        store.ensure(spec, cancelled=lambda: part.is_file() and part.stat().st_size > 30_000)
    server.pause_s = 0
    store.ensure(spec)

    assert server.seen[1] is not None
    assert (tmp_path / "model.pt").read_bytes() == DATA


def test_a_full_disk_is_refused_before_the_download(
    store: CheckpointStore, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, _ = served()
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10, 9, 1))

    with pytest.raises(StorageFailed, match="262144 bytes more; 1 are free"):
        store.ensure(spec)


def test_two_servers_do_not_fetch_one_file_at_once(
    store: CheckpointStore, served: Served, tmp_path: Path
) -> None:
    spec, _ = served()
    with (tmp_path / "model.pt.part.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)

        with pytest.raises(ModelUnavailable, match="being fetched already"):
            store.ensure(spec)


def test_the_first_download_without_a_hash_is_pinned(
    store: CheckpointStore, served: Served, tmp_path: Path
) -> None:
    spec, server = served(spec={"sha256": None, "bytes": None})
    store.ensure(spec).unlink()
    server.data = b"x" * len(DATA)

    with pytest.raises(ModelUnavailable, match="sent another file"):
        store.ensure(spec)
