"""Layers of a pair's track log: full runs write into the lowest, each stretch run into its own.

So a stretch run is taken back by setting its layer aside, without tracking or copying anything. Of
a frame's records the one of the newest run counts, erased ones included.
"""

from __future__ import annotations

import re
from pathlib import Path

from sam2_session.core.predictions import Prediction
from sam2_session.storage.track_log import RecordKind, TrackLog, TrackRecord, TrackTrust

MAX_LAYERS = 8  # above the lowest; beyond these the oldest is folded into it


class LayeredLog:
    """Reads and writes as `TrackLog` does, over the layers that lie beside its path."""

    def __init__(self, path: Path, signature: str, logits_hw: tuple[int, int], pointer: int):
        self._path = path
        self._shape = (signature, logits_hw, pointer)
        self._writes = True
        self._base = TrackLog(path, *self._shape)
        self._layers = {run: TrackLog(file, *self._shape) for run, file in _files(path, "run")}

    def read_only(self) -> LayeredLog:
        """Return a second reader of the same files, which ignores what it is told to write."""
        reader = LayeredLog(self._path, *self._shape)
        reader._writes = False
        reader._base = reader._base.read_only()
        reader._layers = {run: layer.read_only() for run, layer in reader._layers.items()}
        return reader

    def read(self, frame_idx: int) -> TrackRecord | None:
        """Read the newest record of a frame, or None."""
        return self._newest(frame_idx).read(frame_idx)

    def read_before(self, frame_idx: int, run: int) -> TrackRecord | None:
        """Read the record that a frame had before this run."""
        record = self._newest(frame_idx, before=run).read(frame_idx)
        return record if record is not None and record.run < run else None

    def read_trust(self, frame_idx: int) -> TrackTrust | None:
        """Read how far a tracked frame is to be trusted, without its prediction."""
        return self._newest(frame_idx).read_trust(frame_idx)

    def write(self, frame_idx: int, prediction: Prediction, *, reverse: bool, run: int) -> None:
        """Store the prediction of a tracked frame, in the run's layer if it has one."""
        self._layer(run).write(frame_idx, prediction, reverse=reverse, run=run)

    def mark_conditioned(self, frame_idx: int, *, reverse: bool, run: int) -> None:
        """Record that a run passed a prompted frame."""
        self._layer(run).mark_conditioned(frame_idx, reverse=reverse, run=run)

    def erase(self, frame_idx: int) -> None:
        """Erase a frame's newest record, which hides those below; see `TrackLog.erase`."""
        self._newest(frame_idx).erase(frame_idx)

    def erase_all(self, frame_idx: int) -> None:
        """Erase a frame's records in every layer."""
        for layer in (self._base, *self._layers.values()):
            layer.erase(frame_idx)

    def restore(self, frame_idx: int) -> None:
        """Undo `erase` for a conditioned frame."""
        self._newest(frame_idx).restore(frame_idx)

    def add_layer(self, run: int) -> list[int]:
        """Give a run a layer of its own; returns the runs whose layers were folded for it."""
        folded = sorted(self._layers)[: max(0, len(self._layers) + 1 - MAX_LAYERS)]
        for oldest in folded:
            self._fold(oldest)
        if run not in self._layers:
            self._layers[run] = TrackLog(_file(self._path, "run", run), *self._shape)
        self._layers[run].create()
        return folded

    def fold(self) -> list[int]:
        """Write all layers into the lowest; returns their runs, which can be set aside no more."""
        folded = sorted(self._layers)
        for run in folded:
            self._fold(run)
        return folded

    def close(self) -> None:
        """Close the files."""
        for layer in (self._base, *self._layers.values()):
            layer.close()

    def _fold(self, run: int) -> None:
        layer = self._layers.pop(run)
        for frame_idx in range(layer.num_records):
            header, below = layer.header(frame_idx), self._base.header(frame_idx)
            if header is None or not header[2] or (below is not None and below[2] > run):
                continue
            kind, reverse, _ = header
            record = layer.read(frame_idx)
            if record is not None and record.prediction is not None:
                self._base.write(frame_idx, record.prediction, reverse=reverse, run=run)
            elif kind == RecordKind.CONDITIONED:
                self._base.mark_conditioned(frame_idx, reverse=reverse, run=run)
            else:
                self._base.erase(frame_idx)
        layer.close()
        _file(self._path, "run", run).unlink(missing_ok=True)

    def _layer(self, run: int) -> TrackLog:
        return self._layers.get(run, self._base)

    def _newest(self, frame_idx: int, before: int | None = None) -> TrackLog:
        newest, newest_run = self._base, 0
        for layer in (self._base, *self._layers.values()):
            header = layer.header(frame_idx)
            run = 0 if header is None else header[2]
            if run > newest_run and (before is None or run < before):
                newest, newest_run = layer, run
        return newest


def set_layer_aside(path: Path, run: int) -> None:
    """Take a run's layer out of the log at this path; no open log may hold it."""
    _rename(_file(path, "run", run), _file(path, "undone", run))


def bring_layer_back(path: Path, run: int) -> None:
    """Undo `set_layer_aside`."""
    _rename(_file(path, "undone", run), _file(path, "run", run))


def drop_layers_aside(path: Path) -> list[int]:
    """Delete the layers that were set aside; returns their runs."""
    found = _files(path, "undone")
    for _, file in found:
        file.unlink(missing_ok=True)
    return [run for run, _ in found]


def log_files(path: Path) -> list[Path]:
    """List the files of the log at this path: the lowest layer, and those above it."""
    return [file for file in (path, *(layer for _, layer in _files(path, "run"))) if file.exists()]


def _rename(source: Path, target: Path) -> None:
    if source.exists():  # else it is done already
        source.replace(target)


def _file(path: Path, state: str, run: int) -> Path:
    return path.with_name(f"{path.name}.{state}-{run}")


def _files(path: Path, state: str) -> list[tuple[int, Path]]:
    pattern = re.compile(rf"{re.escape(path.name)}\.{state}-(\d+)")
    if not path.parent.is_dir():
        return []
    named = [(pattern.fullmatch(file.name), file) for file in path.parent.iterdir()]
    return sorted((int(match[1]), file) for match, file in named if match)
