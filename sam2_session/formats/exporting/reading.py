"""Reads the masks of a source one by one, for writers that send them as they come."""

from __future__ import annotations

from collections.abc import Generator, Iterator

from sam2_session.formats.exporting.source import ExportSource, MaskRead, Pair

Pieces = Generator[bytes, None, None]


def masks_of(source: ExportSource) -> Iterator[tuple[Pair, int, MaskRead]]:
    """Read every selected mask, by frame, then by pair."""
    masked = {pair: frozenset(source.masked_frames(pair)) for pair in source.pairs}
    for frame_idx in source.frames:
        for pair in source.pairs:
            if frame_idx in masked[pair] and (read := source.read_mask(pair, frame_idx)):
                yield pair, frame_idx, read
