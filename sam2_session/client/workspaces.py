"""The two doors of the client: `Client` talks to a server, `Studio` works without one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sam2_session.client.batches import Batch
from sam2_session.client.connection import Connection, Json
from sam2_session.client.files import packed, sha256_of
from sam2_session.client.http_connection import HttpConnection
from sam2_session.client.jobs import POLL_S, Job, jobs_of
from sam2_session.client.local_connection import LocalConnection
from sam2_session.client.videos import Video
from sam2_session.core.errors import (
    InvalidRequest,
    ModelUnavailable,
    NotFound,
    VideoNotFound,
    error_from_wire,
)
from sam2_session.folders import DATA, INSTALLED
from sam2_session.runtime import sleep
from sam2_session.services.operations import batches, jobs, models, table, videos
from sam2_session.settings import Settings

# Called with the step that goes on, and how much of it is done: frames, bytes.
Progress = Callable[[str, int, int], None]
EXTRACTING, DOWNLOADING, LOADING = "extracting", "downloading the model", "loading the model"


def _ignore(step: str, done: int, total: int) -> None:
    """Show no progress."""


class Workspace:
    """Videos with their annotations; any thread may use it. Every method raises `SessionError`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._is_entered = False

    def videos(self) -> list[Video]:
        """List every video; those that nobody has opened are not extracted yet."""
        rows = self.connection.call(videos.LIST_VIDEOS)["videos"]
        return [Video(self.connection, row, self._release) for row in rows]

    def video(self, path_or_id: str | Path, progress: Progress | None = None) -> Video:
        """Open a video: by its video_id, or a file, a ZIP or a folder of pictures.

        A file that is there already is found by its content, so the same script works on the same
        video again; a new one is copied. Waits until its frames and the model are ready. A text
        that is a video_id is never taken for a path. Raises `VideoNotFound` or `UnsupportedVideo`.
        """
        report = progress or _ignore
        video = self._extracted(self.find_video(path_or_id), report)
        self._settle_model(report)
        return Video(self.connection, video, self._release)

    def find_video(self, path_or_id: str | Path) -> str:
        """Find a video as `video` does, or copy it in; returns its video_id and waits for no frame.

        Raises `VideoNotFound` or `UnsupportedVideo`.
        """
        if isinstance(path_or_id, str):
            try:
                self.connection.call(videos.GET_VIDEO, video_id=path_or_id)
                return path_or_id
            except (NotFound, InvalidRequest):  # a path, maybe
                pass
        path = Path(path_or_id)
        if not path.exists():
            raise VideoNotFound(str(path_or_id))
        with packed(path) as file:
            return self._known(file) or self._uploaded(file)

    def batches(self) -> list[Batch]:
        """List the batches, oldest first."""
        rows = self.connection.call(batches.LIST_BATCHES)["batches"]
        return [self.batch(row["batch_id"]) for row in rows]

    def batch(self, batch_id: str) -> Batch:
        """Read a batch. Raises `NotFound`."""
        answer = self.connection.call(batches.GET_BATCH, batch_id=batch_id)
        return Batch(self.connection, answer)

    def create_batch(self, name: str, video_ids: Iterable[str]) -> Batch:
        """Make a batch of videos, in this order. Raises `VideoNotFound`."""
        answer = self.connection.call(batches.CREATE_BATCH, name=name, video_ids=list(video_ids))
        return Batch(self.connection, answer)

    def jobs(self) -> list[Job]:
        """List all jobs, oldest first."""
        return jobs_of(self.connection, self.connection.call(jobs.LIST_JOBS)["jobs"])

    def job(self, job_id: str) -> Job:
        """Read a job. Raises `JobNotFound`."""
        return Job(self.connection, self.connection.call(jobs.GET_JOB, job_id=job_id))

    def models(self) -> list[Json]:
        """List the models: name, label, state, bytes …"""
        rows: list[Json] = self.connection.call(models.LIST_MODELS)["models"]
        return rows

    def select_model(self, name: str, progress: Progress | None = None) -> None:
        """Use another model from now on; waits until it is fetched and loaded.

        Raises `ModelNotFound` or `ModelUnavailable`.
        """
        self.connection.call(models.SELECT_MODEL, name=name)
        for row in self._settle_model(progress or _ignore):
            if row["name"] == name and row["state"] == "failed":
                raise error_from_wire(row["error"], ModelUnavailable.status)

    def _settle_model(self, progress: Progress) -> list[Json]:
        """Wait while a model is fetched or loaded: it decides which masks are stale."""
        while True:
            rows = self.models()
            coming = [row for row in rows if row["state"] in ("downloading", "loading")]
            if not coming:
                return rows
            step = DOWNLOADING if coming[0]["state"] == "downloading" else LOADING
            progress(step, coming[0]["done"], coming[0]["total"])
            sleep(POLL_S)

    def call(self, name: str, /, **fields: Any) -> Any:
        """Run any operation of docs/rest.md by its name; returns its answer.

        What the objects have no method for, such as the trash and repairs.
        """
        return self.connection.call(table.find(name), **fields)

    def close(self) -> None:
        """End it; everything is stored already. A later call starts it again."""
        self.connection.close()

    def __enter__(self) -> Self:
        self._is_entered = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_entered = False
        self.close()

    def _release(self) -> None:
        """End with a video, unless a `with` block of its own ends it."""
        if not self._is_entered:
            self.close()

    def _known(self, file: Path) -> str | None:
        """Find the video of a file by its content."""
        rows = self.connection.call(videos.LIST_VIDEOS)["videos"]
        size = file.stat().st_size
        alike = [row for row in rows if row.get("bytes") == size and not row["source"]]
        digest = sha256_of(file) if alike else ""
        for row in alike:
            whole = row if row["sha256"] else self._extracted(row["video_id"])
            if whole["sha256"] == digest:
                return str(row["video_id"])
        return None

    def _uploaded(self, file: Path) -> str:
        answer = self.connection.send_file(videos.UPLOAD_VIDEO, file)
        return str(answer["video_id"])

    def _extracted(self, video_id: str, progress: Progress | None = None) -> Json:
        """Wait until every frame of a video is extracted. Raises why it cannot be."""
        video: Json = self.connection.call(videos.EXTRACT_VIDEO, video_id=video_id)
        while video["state"] not in ("ready", "failed"):
            (progress or _ignore)(EXTRACTING, video["extracted"], video["num_frames"])
            sleep(POLL_S)
            video = self.connection.call(videos.GET_VIDEO, video_id=video_id)
        if video["state"] == "failed":
            raise error_from_wire(video["error"], status=415)
        return video


class Client(Workspace):
    """The videos of a server at `url`, like ``http://127.0.0.1:8000``.

    `token` may also stand in the URL that the server printed (``…/#t=…``). When the server goes
    away, calls wait for it up to `patience_s` seconds. Raises `HostUnavailable` after that.
    """

    def __init__(self, url: str, token: str | None = None, *, patience_s: float = 30.0) -> None:
        _, _, fragment = url.partition("#t=")
        self._http = HttpConnection(url, token or fragment or None, patience_s=patience_s)
        super().__init__(self._http)

    def state(self) -> str:
        """Ask how far the server is: ``starting``, ``ready``, or ``restarting`` after a crash.

        Raises `HostUnavailable` where no server answers.
        """
        return self._http.state()


class Studio(Workspace):
    """The videos of a folder, without a server: everything runs in this process.

    Videos lie in `folder`/videos, annotations in `folder`/outputs, as a server of that folder has
    them; a server and a Studio cannot have one video open at once. `model` is a name of
    configs/models.yaml; `options` are those of the server (docs/options.md), such as
    ``device="cpu"``. torch is imported at the first call.
    """

    def __init__(self, folder: str | Path = ".", model: str | None = None, **options: Any) -> None:
        where = Path(folder).expanduser().absolute()
        chosen: dict[str, Any] = {
            "videos_dir": where / "videos",
            "outputs_dir": where / "outputs",
            "checkpoints_dir": (where if INSTALLED else DATA) / "checkpoints",
            **({"model": model} if model else {}),
            **options,
        }
        paths = {name: Path(v) for name, v in chosen.items() if name.endswith("_dir")}
        super().__init__(LocalConnection(Settings(**{**chosen, **paths})))

    @classmethod
    def of(cls, settings: Settings) -> Studio:
        """Make the Studio of these options, as the command line has read them."""
        studio = cls.__new__(cls)
        Workspace.__init__(studio, LocalConnection(settings))
        return studio
