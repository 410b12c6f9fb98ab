"""Exports items of a batch into one folder, with numbers that go on from item to item."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sam2_session.core.errors import SessionError
from sam2_session.formats.exporting.reading import Pieces
from sam2_session.formats.exporting.zip_stream import zip_of_files
from sam2_session.formats.rendered.joined_mp4 import join_mp4
from sam2_session.services.batches.book import BatchBook
from sam2_session.services.batches.records import Batch, ExportChoice
from sam2_session.services.batches.states import BatchStates
from sam2_session.services.exports.service import ExportService
from sam2_session.storage.batch_files import BatchFiles

JOINED = "overlay_mp4"  # its files of all items become one, too
# Formats of numbered pictures: those of all items lie in one folder, without a name twice.
UNPACKED = frozenset({"green_screen", "cut_out", "masks_zip"})


@dataclass(frozen=True, slots=True)
class ItemExport:
    """The export of one item: everything that a process without the batch needs to make it."""

    batch_id: str
    video_id: str
    number: int
    first_number: int  # of its frames in file names
    format: str
    options: dict[str, Any]


class BatchExports:
    """Makes an export of each item as anyone would, then moves it into the batch's folder."""

    def __init__(
        self, exports: ExportService, book: BatchBook, states: BatchStates, files: BatchFiles
    ) -> None:
        self._exports = exports
        self._book = book
        self._states = states
        self._files = files

    def check(self, choice: ExportChoice) -> None:
        """Raise `InvalidRequest` for an unknown format or option."""
        self._exports.check(choice.format, choice.options)

    def of_item(self, batch: Batch, video_id: str) -> ItemExport | None:
        """Describe the export that a batch wants of an item; None if it wants none."""
        choice = batch.processing.export if batch.processing else None
        if choice is None:
            return None
        options = dict(choice.options)
        if self._exports.has_option(choice.format, "background"):
            options.setdefault("background", batch.settings.background)
        first_number = self._states.read(batch, {video_id})[0].first_number
        number = batch.number_of(video_id) or 0
        return ItemExport(batch.batch_id, video_id, number, first_number, choice.format, options)

    def begin(self, item: ItemExport) -> str:
        """Queue the export of an item; return its id, which is also its job's."""
        answer = self._exports.start(
            item.video_id, item.format, item.options, number_offset=item.first_number
        )
        return str(answer["job_id"])

    def collect(self, item: ItemExport, export_id: str) -> None:
        """Move a finished export into the batch's folder."""
        found = self._exports.find(item.video_id, export_id)
        path, manifest = Path(found["path"]), Path(found["manifest_path"])
        name = f"{item.number:03d}-{item.video_id}"
        if item.format in UNPACKED:
            self._files.unpack(item.batch_id, item.format, path, name)
        else:
            self._files.take_in(item.batch_id, item.format, path, name)
        self._files.take_in(item.batch_id, item.format, manifest, f"manifests/{name}")
        self._exports.delete(item.video_id, export_id)

    def join(self, batch_id: str, choice: ExportChoice) -> str | None:
        """Join the videos of all items to one, once all are there; say why if that cannot be."""
        if choice.format != JOINED:
            return None
        try:
            self._files.join(batch_id, choice.format, join_mp4)
        except SessionError as error:
            return f"There is no video of the whole batch: {error} {error.hint}"
        return None

    def list(self, batch_id: str) -> dict[str, Any]:
        """List the folders of exports of a batch, and how many files each holds."""
        self._book.get(batch_id)
        return {"exports": self._files.exports(batch_id)}

    def zip(self, batch_id: str, format_name: str) -> Pieces:
        """Write a ZIP of what is exported in one format, piece by piece.

        Raises `ExportNotFound` if that is nothing.
        """
        self._book.get(batch_id)
        return zip_of_files(self._files.export_files(batch_id, format_name))
