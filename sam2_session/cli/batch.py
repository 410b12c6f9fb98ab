"""The command ``batch FOLDER``: what ``run`` does, over many videos."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from sam2_session.cli.batch_lines import VIDEO_FAILED, BatchLines, VideoLine
from sam2_session.cli.batch_spread import direction_of, run_everywhere
from sam2_session.cli.options import (
    Opener,
    add_json,
    add_quiet,
    add_set,
    add_where,
    format_options,
    write,
)
from sam2_session.cli.outcomes import MASKS_MISSING, outcome_of
from sam2_session.cli.progress import ProgressReport
from sam2_session.cli.video_folder import FolderVideo, read_folder
from sam2_session.client.batches import Batch, BatchItem
from sam2_session.client.files import sha256_of
from sam2_session.client.jobs import Job
from sam2_session.client.videos import Video
from sam2_session.client.workspaces import Workspace
from sam2_session.core.errors import (
    HostUnavailable,
    InvalidRequest,
    NothingToDo,
    SessionError,
    StorageFailed,
)
from sam2_session.formats.registry import Exporter, exporter

DEFAULT_FORMAT = "masks_zip"
DONE = ("processed", "approved", "skipped")


def add_batch(commands: Any) -> None:
    """Add the command ``batch``."""
    parser = commands.add_parser(
        "batch",
        help="track objects through every video of a folder",
        epilog="The prompts of clip.mp4 lie beside it: clip.json, clip.xml, clip.zip or clip/. "
        "Exit codes: 0 every frame has a mask or is marked absent, 1 an error, 2 wrong arguments, "
        "3 masks are missing, 4 a video failed, 130 stopped by Ctrl+C. The same command goes on.",
    )
    parser.add_argument("folder", type=Path, help="the folder of videos and prompts files")
    source_help = "annotations for the videos that have no file of their own beside them"
    parser.add_argument("--from", dest="source", type=Path, metavar="FILE", help=source_help)
    parser.add_argument("--name", help="the batch on the page [the folder's name]")
    parser.add_argument("--model", help="the model to use, as `models` lists them")
    parser.add_argument("--export", metavar="FORMAT", help=f"what to write [{DEFAULT_FORMAT}]")
    ray_help = "spread the videos over a Ray cluster, like 10.0.0.1:6379"
    parser.add_argument("--ray", metavar="ADDRESS", help=ray_help)
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where to write a file for each")
    add_set(parser)
    add_json(parser)
    add_quiet(parser)
    add_where(parser)
    parser.set_defaults(run=batch)


def batch(args: argparse.Namespace, connect: Opener) -> int:
    """Do all videos; the exit code says whether every one of them is whole."""
    found = read_folder(args.folder)
    if args.source is not None and not args.source.exists():
        raise InvalidRequest(f"There is no file {str(args.source)!r}.")
    row = exporter(args.export or DEFAULT_FORMAT)
    options = format_options(args.set, row)
    if args.export or args.out:
        args.out = args.out or Path(f"{args.folder.resolve().name}-{row.name}")
        args.out.mkdir(parents=True, exist_ok=True)
    with closing(connect()) as workspace, closing(ProgressReport(quiet=args.quiet)) as report:
        work = _BatchWork(args, workspace, report, (row, options))
        try:
            if args.model and args.url:
                workspace.select_model(args.model, report)
            work.prepare(found)
            batch_id = None
            if args.ray:
                work.spread()
            else:
                batch_id = work.process()
        except KeyboardInterrupt:
            report.close()
            sys.stderr.write(f"Kept: {work.lines.kept()} The same command goes on from there.\n")
            raise
    rows = work.lines.ended
    write(args, {"batch_id": batch_id, "videos": [line.to_json() for line in rows]}, "")
    if any(line.error for line in rows):
        return VIDEO_FAILED
    return MASKS_MISSING if any(line.is_missing_masks for line in rows) else 0


class _BatchWork:
    """One use of the command: the videos on their way from file to line."""

    def __init__(
        self,
        args: argparse.Namespace,
        workspace: Workspace,
        report: ProgressReport,
        export: tuple[Exporter, Mapping[str, Any]],
    ) -> None:
        self.lines = BatchLines(report, as_json=args.json)
        self._args = args
        self._workspace = workspace
        self._report = report
        self._export = export
        self._files: dict[str, Path] = {}  # by video_id: what is in the batch
        self._videos: dict[str, Video] = {}
        self._items_done = 0  # of the job, when items were told last

    def prepare(self, found: list[FolderVideo]) -> None:
        """Add every video and import its prompts; what fails is told, and the next one follows."""
        for at, file in enumerate(found):
            self._report("preparing", at, len(found))
            try:
                video = self._workspace.video(file.path.resolve())
                self._import(video, file.prompts_file() or self._args.source)
            except HostUnavailable:
                raise
            except SessionError as error:
                self.lines.tell(VideoLine(file.path, error=error))
                continue
            if video.video_id in self._files:
                same = self._files[video.video_id].name
                text = f"It is the same video as {same}."
                self.lines.tell(VideoLine(file.path, error=InvalidRequest(text)))
                continue
            self._files[video.video_id], self._videos[video.video_id] = file.path, video
        self._report("preparing", len(found), len(found))

    def process(self) -> str | None:
        """Process what is not processed yet, and tell each video; returns the batch's id."""
        if not self._files:
            return None
        batch = self._batch()
        for job in self._jobs(batch):
            job.wait(lambda job: self._follow(batch, job))
        for item in batch.refresh().items:
            self._end(item)
        return batch.batch_id

    def spread(self) -> None:
        """Process every video where the cluster has it, several at once, and tell each."""
        for video_id, error in run_everywhere(self._videos, self._report):
            line = VideoLine(self._files[video_id], video_id, "processed", error=error)
            video = self._videos[video_id]
            if error is None:
                try:
                    self._read_pairs(line, video)
                    if self._args.out and line.pairs:
                        line.export = self._export_to(video, line.path)
                except HostUnavailable:
                    raise
                except SessionError as failed:
                    line.error = failed
            self.lines.tell(line)

    def _import(self, video: Video, source: Path | None) -> None:
        if source is not None:
            with suppress(NothingToDo):  # it was imported before
                video.import_(source, masks_as="prompts")

    def _batch(self) -> Batch:
        """Find the batch by its name, or make it."""
        name = self._args.name or self._args.folder.resolve().name
        for known in reversed(self._workspace.batches()):
            if known.name == name:
                known.include(self._files)
                return known
        return self._workspace.create_batch(name, self._files)

    def _jobs(self, batch: Batch) -> Iterator[Job]:
        """Go on with what a stop interrupted, then process the rest."""
        before = batch.job()
        if before is not None and not before.is_finished:
            if self._args.url:  # somebody's, maybe
                yield before
            else:
                before.stop()
            batch.refresh()
        todo = [
            item.item
            for item in batch.items
            if item.video_id in self._files and item.prompted_frames and item.state not in DONE
        ]
        if todo:
            yield batch.process(todo)

    def _follow(self, batch: Batch, job: Job) -> None:
        if job.facts["on_hold"] and not self._args.url:
            raise StorageFailed(
                "The disk is nearly full.", hint="Free some space; the same command goes on."
            )
        self._report("tracking", job.done, job.total)
        if job.facts["items_done"] != self._items_done:
            self._items_done = job.facts["items_done"]
            for item in batch.refresh().items:
                if item.state in DONE or item.state == "failed":
                    self._end(item)

    def _end(self, item: BatchItem) -> None:
        """Export a video that is through, and tell it; once."""
        path = self._files.get(item.video_id)
        if path is None or self.lines.has(path):
            return
        line, video = VideoLine(path, item.video_id, item.state), self._videos[item.video_id]
        try:
            self._read(line, video, item)
        except HostUnavailable:
            raise
        except SessionError as error:
            line.error = error
        self.lines.tell(line)

    def _read(self, line: VideoLine, video: Video, item: BatchItem) -> None:
        if item.error is not None:
            raise item.error
        self._read_pairs(line, video)
        if self._args.out and line.pairs:
            line.export = self._exported(video, item, line.path)

    def _read_pairs(self, line: VideoLine, video: Video) -> None:
        pairs = [pair for pair in video.pairs() if pair.prompts()]
        if not pairs and line.state != "skipped":
            raise InvalidRequest(
                "It has no prompts.", hint=f"Put {line.path.stem}.json beside it, or click on it."
            )
        line.pairs = [outcome_of(pair, direction_of(pairs)) for pair in pairs]

    def _exported(self, video: Video, item: BatchItem, path: Path) -> Path:
        """Write a video's file, unless the one that lies there is of the video as it is now."""
        row, options = self._export
        target = self._target(path)
        if target.exists():
            digest = sha256_of(target)
            if any(
                (known["format"], known.get("rev"), known["sha256"]) == (row.name, item.rev, digest)
                and known["options"] == {**known["options"], **options}
                for known in video.exports()
            ):
                return target
        return self._export_to(video, path)

    def _export_to(self, video: Video, path: Path) -> Path:
        row, options = self._export
        show = self._report.job("exporting")
        return video.export(row.name, self._target(path), progress=show, **options).path

    def _target(self, path: Path) -> Path:
        folder: Path = self._args.out
        return folder / f"{path.stem}{self._export[0].suffix}"
