"""Writes sizes for people."""

from __future__ import annotations

KB = 1000


def shown_bytes(count: float) -> str:
    """Write a size like ``12 MB``."""
    for unit in ("B", "KB", "MB"):
        if count < KB:
            return f"{count:.0f} {unit}"
        count /= KB
    return f"{count:.1f} GB"
