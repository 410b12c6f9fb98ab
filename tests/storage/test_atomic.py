"""A file is old or new, never half written, whenever its writer dies."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sam2_session.core.errors import StorageFailed
from sam2_session.storage.atomic import (
    make_folder,
    move,
    sweep_temp_files,
    temp_path,
    write_bytes,
    write_json,
)

WRITER = """
import pathlib, sys
from sam2_session.storage.atomic import write_bytes
path = pathlib.Path(sys.argv[1])
print("ready", flush=True)
for n in range(10**6):
    write_bytes(path, bytes([n % 256]) * 200_000, durable=n % 2 == 0)
"""


def test_a_killed_writer_leaves_only_whole_files(tmp_path: Path) -> None:
    target, rng = tmp_path / "doc.json", random.Random(5)
    write_bytes(target, b"0" * 200_000)
    for _ in range(12):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(target)], stdout=subprocess.PIPE
        )
        with writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(0.01 + rng.random() * 0.05)
            os.kill(writer.pid, signal.SIGKILL)
        content = target.read_bytes()
        assert content == content[:1] * 200_000
    sweep_temp_files(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["doc.json"]


def test_a_write_replaces_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_bytes(path, b"old")
    write_json(path, {"ж": 1})
    assert path.read_text() == '{\n "ж": 1\n}\n'
    assert list(tmp_path.iterdir()) == [path]


def test_nan_is_not_written_as_json(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(tmp_path / "a.json", float("nan"))
    assert not list(tmp_path.iterdir())


def test_a_refused_write_is_a_storage_error_that_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(StorageFailed, match="a.json"):
        write_bytes(tmp_path / "missing" / "a.json", b"x")


def test_a_full_disk_keeps_the_old_file_and_says_so(tmp_path: Path) -> None:
    limited = (
        "import errno, pathlib, resource, signal, sys\n"
        "from sam2_session.core.errors import StorageFailed\n"
        "from sam2_session.storage import atomic\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "atomic.FULL = atomic.FULL | {errno.EFBIG}  # the limit stands in for a full disk\n"
        "try: atomic.write_bytes(pathlib.Path(sys.argv[1]), b'x' * 5000)\n"
        "except StorageFailed as error: print(error.message, '|', error.hint)\n"
    )
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    ran = subprocess.run(
        [sys.executable, "-c", limited, str(path)], capture_output=True, text=True, check=True
    )
    assert ran.stdout.startswith("The disk is full: a.bin was not written. | Free some space")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_sweeping_takes_only_temp_files(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    make_folder(folder)
    temp_path(folder / "00001.jpg").write_bytes(b"half")
    kept = [folder / "00001.jpg", folder / ".lock", folder / "x.tmp"]
    for path in kept:
        path.write_bytes(b"whole")
    assert sweep_temp_files(tmp_path) == 1
    assert sorted(folder.iterdir()) == sorted(kept)


def test_a_move_takes_the_file_along(tmp_path: Path) -> None:
    make_folder(tmp_path / "to")
    write_bytes(tmp_path / "a", b"x")
    move(tmp_path / "a", tmp_path / "to" / "b")
    assert (tmp_path / "to" / "b").read_bytes() == b"x"
    assert not (tmp_path / "a").exists()
