"""Hashes checkpoint files, and reads and writes the JSON files beside them."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

CHUNK_BYTES = 1024 * 1024

log = logging.getLogger(__name__)


def hash_file(path: Path, cancelled: Callable[[], bool] = lambda: False) -> hashlib._Hash:
    """Hash a file, returning the open hash so that a download can continue it."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while (chunk := file.read(CHUNK_BYTES)) and not cancelled():
            digest.update(chunk)
    return digest


def read_table(path: Path) -> dict[str, dict[str, Any]]:
    """Read a JSON object of rows; empty if missing. Raises ValueError if it is damaged."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, RecursionError) as error:  # a folder, or lists in lists in lists
        raise ValueError(f"{path.name} cannot be read: {error}") from error
    if not isinstance(rows, dict) or not all(isinstance(row, dict) for row in rows.values()):
        raise ValueError(f"{path.name} does not hold a table")
    return rows


def write_table(path: Path, rows: dict[str, dict[str, Any]]) -> None:
    """Replace such a file atomically."""
    temp = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temp.open("w", encoding="utf-8") as file:
            json.dump(rows, file, indent=2, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        temp.replace(path)
    finally:
        temp.unlink(missing_ok=True)


def put_in_place(temp: Path, path: Path) -> None:
    """Rename a complete file into place, durably."""
    with temp.open("rb") as file:
        os.fsync(file.fileno())
    temp.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
