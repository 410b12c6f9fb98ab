"""A video: its frames, instances, runs, exports and imports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from sam2_session.client.connection import Connection, Json
from sam2_session.client.facts import Export, FrameIds, Import
from sam2_session.client.files import write_whole
from sam2_session.client.instances import Instance
from sam2_session.client.jobs import Job, JobProgress, jobs_of
from sam2_session.client.pairs import Pair, Way
from sam2_session.client.pixels import ids_of, image_of
from sam2_session.client.rebuilds import Rebuild
from sam2_session.client.source import VideoSource
from sam2_session.core.errors import ExportNotFound, InvalidRequest, NotFound
from sam2_session.core.types import RGBImage
from sam2_session.services.operations import (
    exports,
    id_pictures,
    imports,
    instances,
    jobs,
    propagation,
    rebuilds,
    regions,
    reports,
    videos,
)

Pairs = Iterable[Pair] | Literal["all"]


class Video(VideoSource):
    """One video, extracted and ready; as a context manager it ends its Studio at the end."""

    def __init__(
        self, connection: Connection, facts: Json, release: Callable[[], None] = lambda: None
    ) -> None:
        super().__init__(connection, facts)
        self._release = release

    def instance(self, instance_id: int) -> Instance:
        """Give an instance by its id; a new video has the instance 1."""
        return Instance(self, instance_id)

    def instances(self) -> list[Instance]:
        """List the instances."""
        return [Instance(self, row["instance_id"]) for row in self.instance_rows()]

    def instance_rows(self) -> list[Json]:
        """List the facts of all instances: id, name, colour, class …"""
        answer = self.connection.call(instances.LIST_INSTANCES, video_id=self.video_id)
        rows: list[Json] = answer["instances"]
        return rows

    def add_instance(self, name: str | None = None, **look: Any) -> Instance:
        """Add an instance; `look` may hold `colour`, `hidden`, `locked` and `class_name`."""
        given = {"name": name, **look} if name else look
        answer = self.connection.call(instances.CREATE_INSTANCE, video_id=self.video_id, **given)
        return Instance(self, answer["instance_id"])

    def regions(self) -> list[str]:
        """List the names of the regions every instance has."""
        return [row["name"] for row in self.connection.call(regions.LIST_REGIONS)["regions"]]

    def pairs(self) -> list[Pair]:
        """List the pairs that have prompts or masks."""
        found = [instance[region] for instance in self.instances() for region in self.regions()]
        return [pair for pair in found if pair.facts() or pair.prompts()]

    def frame(self, frame_idx: int, width: int | None = None) -> RGBImage:
        """Read a frame as RGB uint8 (H, W, 3), scaled down to `width` pixels if given."""
        scaled = {} if width is None else {"width": width}
        jpeg = self.connection.call(
            videos.READ_FRAME, video_id=self.video_id, frame_idx=frame_idx, **scaled
        )
        return image_of(jpeg)

    def ids(
        self,
        frame_idx: int,
        pairs: Iterable[Pair] | None = None,
        *,
        ids: Literal["pair", "instance"] = "pair",
    ) -> FrameIds:
        """Read all masks of a frame as one array, with the number of the object on top.

        `pairs` are all visible ones if left out. A pair keeps its number from frame to frame as
        long as the same pairs are chosen; with ``ids="instance"`` it is that of the instance.
        """
        named = {} if pairs is None else {"pairs": _listed(pairs)}
        wanted = {"video_id": self.video_id, "frame_idx": frame_idx, "ids": ids, **named}
        table = self.connection.call(id_pictures.LIST_IDS, **wanted)
        png = self.connection.call(id_pictures.READ_IDS, **wanted)
        found: dict[int, tuple[tuple[int, str], ...]] = {}
        for row in table["numbers"]:
            pair = (row["instance_id"], row["region"])
            found[row["number"]] = (*found.get(row["number"], ()), pair)
        return FrameIds(ids_of(png), found, table["overlap"])

    def propagate(
        self,
        pairs: Pairs = "all",
        start: int | None = None,
        end: int | None = None,
        direction: Way = "forward",
        **options: Any,
    ) -> Job:
        """Start a run of several pairs; returns its job, `wait` of which waits for the end.

        `options` are those of `Pair.propagate`. Raises `NothingToDo` if nothing has changed since
        the last run.
        """
        given = {"start": start, "end": end, "direction": direction, **options}
        request = {name: value for name, value in given.items() if value is not None}
        answer = self.connection.call(
            propagation.PROPAGATE, video_id=self.video_id, pairs=_named(pairs), **request
        )
        return Job.started(self.connection, answer)

    def rebuild(
        self,
        pairs: Pairs = "all",
        model: str | None = None,
        *,
        start: int | None = None,
        end: int | None = None,
    ) -> Job:
        """Start to make masks again from the saved prompts, with the model in use or another one.

        They lie beside the saved masks, which stay; `rebuilt(job.job_id)` reads them at the end.
        Raises `NothingToDo` without prompts, and `ModelNotFound`.
        """
        given = {"model": model, "start": start, "end": end}
        request = {name: value for name, value in given.items() if value is not None}
        answer = self.connection.call(
            rebuilds.START_REBUILD, video_id=self.video_id, pairs=_named(pairs), **request
        )
        return Job.started(self.connection, answer)

    def rebuilt(self, rebuild_id: str) -> Rebuild:
        """Read a finished rebuild, by the id of its job. Raises `NotFound`."""
        answer = self.connection.call(
            rebuilds.GET_REBUILD, video_id=self.video_id, rebuild_id=rebuild_id
        )
        return Rebuild(self.connection, answer)

    def export(
        self,
        format: str,
        path: str | Path | None = None,
        *,
        progress: JobProgress | None = None,
        **options: Any,
    ) -> Export:
        """Export the annotations and write the file to `path`, or here under its own name.

        `options` are the format's own, as docs/exports.md lists them, and `pairs`, `start`, `end`,
        `approved_only` and `stale`, which choose what is exported.
        """
        if isinstance(options.get("pairs"), Iterable):
            options["pairs"] = _named(options["pairs"])
        names = {"video_id": self.video_id}
        answer = self.connection.call(exports.START_EXPORT, **names, format=format, options=options)
        job = Job.started(self.connection, answer).wait(progress)
        row = self._export_row(job.job_id)
        target = Path(path) if path else Path(Path(row["file"]).name)
        self.connection.save_file(exports.READ_EXPORT, target, **names, export_id=job.job_id)
        remarks = row.get("remarks") or {}
        return Export(target, job.job_id, format, row["bytes"], row["sha256"], remarks)

    def exports(self) -> list[Json]:
        """List the facts of the finished exports, oldest first: format, options, sha256 …"""
        rows: list[Json] = self.connection.call(exports.LIST_EXPORTS, video_id=self.video_id)[
            "exports"
        ]
        return rows

    def import_(
        self, path: str | Path, *, progress: JobProgress | None = None, **options: Any
    ) -> Import:
        """Import the annotations of a file, or of a folder of masks.

        `options` are those of docs/imports.md, such as `mapping`, `frame_offset` or `existing`.
        """
        answer = self._send_import(path, {"options": options})
        job = Job.started(self.connection, answer).wait(progress)
        rows = self.connection.call(imports.LIST_IMPORTS, video_id=self.video_id)["imports"]
        row = next((row for row in rows if row["import_id"] == job.job_id), None)
        if row is None:
            raise NotFound("The import is no longer listed.", hint="Import the file again.")
        return Import(job.job_id, row["format"], row["counts"], tuple(row["notes"]))

    def preview_import(self, path: str | Path, **options: Any) -> Mapping[str, Any]:
        """Report what an import would do, and change nothing."""
        report: Mapping[str, Any] = self._send_import(path, {"options": options, "dry_run": True})
        return report

    def undo_import(self, import_id: str) -> None:
        """Undo an import as a whole. Raises `NothingToDo` if it was undone before."""
        self.connection.call(imports.UNDO_IMPORT, video_id=self.video_id, import_id=import_id)

    def report(self, path: str | Path | None = None) -> Path:
        """Write the report, one HTML page, to `path`, or here as ``<video_id>-report.html``."""
        page = self.connection.call(reports.REPORT_VIDEO, video_id=self.video_id)
        return write_whole(Path(path) if path else Path(f"{self.video_id}-report.html"), page)

    def jobs(self) -> list[Job]:
        """List the video's jobs, oldest first."""
        rows = self.connection.call(jobs.LIST_JOBS)["jobs"]
        return jobs_of(self.connection, [row for row in rows if row["video_id"] == self.video_id])

    def delete(self) -> str:
        """Move the video and all that was made of it to the trash; returns its trash_id."""
        answer = self.connection.call(videos.DELETE_VIDEO, video_id=self.video_id)
        return str(answer["trash_id"])

    def close(self) -> None:
        """End the Studio that the video came from; everything is stored already."""
        self._release()

    def __enter__(self) -> Video:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Video {self.video_id}: {self.num_frames} frames>"

    def _send_import(self, path: str | Path, fields: Json) -> Json:
        file = Path(path)
        if not file.exists():
            raise InvalidRequest(f"There is no file {str(path)!r}.")
        answer: Json = self.connection.send_file(
            imports.IMPORT_FILE, file, video_id=self.video_id, **fields
        )
        return answer

    def _export_row(self, export_id: str) -> Json:
        with suppress(StopIteration):
            return next(row for row in self.exports() if row["export_id"] == export_id)
        raise ExportNotFound(export_id)


def _named(pairs: Iterable[Pair | Json] | Literal["all"]) -> Any:
    """Write pairs as REST takes them."""
    if isinstance(pairs, str):
        return pairs
    return [
        {"instance_id": pair.instance_id, "region": pair.region}
        if isinstance(pair, Pair)
        else dict(pair)
        for pair in pairs
    ]


def _listed(pairs: Iterable[Pair]) -> str:
    """Write pairs as the query of an address takes them."""
    return ",".join(f"{pair.instance_id}/{pair.region}" for pair in pairs)
