"""Packs a file or folder and its options as a multipart form for the server."""

from __future__ import annotations

import json
import secrets
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any


@contextmanager
def multipart_body(path: Path, options: dict[str, Any]) -> Iterator[tuple[IO[bytes], str, int]]:
    """Write the form; give its body, content type and length. A folder is sent as a ZIP."""
    boundary = secrets.token_hex(16)
    with tempfile.TemporaryFile() as body:
        _begin_field(body, boundary, 'name="options"')
        body.write(json.dumps(options).encode() + b"\r\n")
        name = path.name.replace('"', "_").replace("\r", "_").replace("\n", "_")
        _begin_field(body, boundary, f'name="file"; filename="{name}"')
        if path.is_dir():
            _write_zip(path, body)
        else:
            with path.open("rb") as file:
                shutil.copyfileobj(file, body, 1 << 20)
        body.write(f"\r\n--{boundary}--\r\n".encode())
        length = body.tell()
        body.seek(0)
        yield body, f"multipart/form-data; boundary={boundary}", length


def _begin_field(body: IO[bytes], boundary: str, attributes: str) -> None:
    head = f"--{boundary}\r\nContent-Disposition: form-data; {attributes}\r\n\r\n"
    body.write(head.encode())


def _write_zip(folder: Path, body: IO[bytes]) -> None:
    with tempfile.TemporaryFile() as packed:
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
            for path in sorted(folder.rglob("*")):
                if path.is_file() and not path.is_symlink():
                    archive.write(path, path.relative_to(folder).as_posix())
        packed.seek(0)
        shutil.copyfileobj(packed, body, 1 << 20)
