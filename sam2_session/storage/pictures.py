"""Keeps the PNGs of base masks as files named by their content; files of masks are linked.

A database names such a file by its SHA-256 and no longer holds the bytes. Files are never changed:
a mask that is replaced gets another file, and what is kept here stays.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from functools import partial
from pathlib import Path

from sam2_session.storage import atomic

SQL_NAME = "kept_png"  # of the function that reads a picture within a query

log = logging.getLogger(__name__)


def picture_name(png: bytes) -> str:
    """Name a picture by its content."""
    return hashlib.sha256(png).hexdigest()


def keep_picture(folder: Path, path: Path, png: bytes) -> str | None:
    """Keep a mask's file by its content; None if the file does not hold these bytes now.

    The caller fsyncs the folder before it relies on what is kept.
    """
    name = picture_name(png)
    kept = _path(folder, name)
    if _is_whole(kept, name):
        return name
    try:
        if path.read_bytes() != png:
            return None
        atomic.keep_link(path, kept)
    except FileNotFoundError:
        return None
    if _is_whole(kept, name):
        return name
    kept.unlink(missing_ok=True)  # the mask was replaced meanwhile
    return None


def drop_picture(folder: Path, name: str) -> int:
    """Remove a picture that no database names any more; returns its size in bytes."""
    path = _path(folder, name)
    size = path.stat().st_size if path.exists() else 0
    path.unlink(missing_ok=True)
    return size


def add_reader(connection: sqlite3.Connection, folder: Path) -> None:
    """Let queries on this connection read pictures by their name; a lost one is NULL."""
    connection.create_function(SQL_NAME, 1, partial(_read, folder))


def _read(folder: Path, name: str) -> bytes | None:
    try:
        png = _path(folder, name).read_bytes()
    except OSError as error:
        log.error("%s: a kept mask cannot be read: %s", folder.parent.name, error)
        return None
    if picture_name(png) != name:
        log.warning("%s: a kept mask was changed by another program: %s", folder.parent.name, name)
    return png


def _is_whole(path: Path, name: str) -> bool:
    return path.exists() and picture_name(path.read_bytes()) == name


def _path(folder: Path, name: str) -> Path:
    return folder / f"{name}.png"
