"""Shows the page in a cell of a notebook, and gives its masks as numpy while people click."""

from __future__ import annotations

import json
import os
import secrets
import zipfile
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote
from weakref import WeakSet

from sam2_session.client.jobs import Job
from sam2_session.client.pairs import Pair
from sam2_session.client.videos import Video
from sam2_session.core.errors import (
    HostUnavailable,
    InvalidRequest,
    NothingToDo,
    StorageFailed,
    VideoNotFound,
)
from sam2_session.core.frame_files import ARCHIVE_SUFFIXES, VIDEO_SUFFIXES
from sam2_session.core.types import BoolMask
from sam2_session.folders import DATA, INSTALLED
from sam2_session.notebook.background_server import BackgroundServer, Servers
from sam2_session.notebook.cell import Frame, css_height, html_of
from sam2_session.notebook.hints import hinted
from sam2_session.notebook.jupyter import CellOutput, is_notebook, notebook_origins

SERVERS = Servers()
OPEN: WeakSet[Annotator] = WeakSet()
LISTED = 20  # videos in an error
CLOSED = "This was closed; call annotate() again."


def annotate(
    video: str | Path,
    folder: str | Path = ".",
    *,
    height: int | str | None = None,
    **options: Any,
) -> Annotator:
    """Open a video, show the page in the cell, and return the object that reads its masks.

    `video` is a file, a ZIP or folder of pictures, or a video_id; it is copied to `folder`/videos,
    annotations lie in `folder`/outputs. `height` of the page is in pixels, or as CSS has it.
    `options` are those of the server (docs/options.md), such as ``model="sam2.1_hiera_tiny"``,
    ``device="cpu"``, ``port=8001``, or ``public_url="https://hub/user/me/proxy/{port}"`` behind
    jupyter-server-proxy. The server is started once for a folder and ends with the kernel.

    Without a notebook nothing is shown: open ``.url`` in a browser. Raises `SessionError`.
    """
    output = CellOutput() if is_notebook() else None
    say = output.say if output else _ignore
    try:
        where = Path(folder).expanduser().absolute()
        shown_height = css_height(height)
        _refuse_missing_file(video, where)
        say("Starting the server…")
        is_new = not SERVERS.has(where)
        server = SERVERS.open(where, _options(where, options))
        say(f"Opening {video}…")
        try:
            app = Annotator(server, _find(server, video, where))
        except BaseException:
            if is_new:
                SERVERS.close(server)
            raise
    except BaseException:  # the error alone stays in the cell
        say("")
        raise
    if output:
        output.show(app.html(shown_height))
    return app


class Annotator:
    """A video that people annotate in the cell, or in a tab at `url`; ends as a context manager."""

    def __init__(self, server: BackgroundServer, video_id: str) -> None:
        self.server = server
        self.video_id = video_id
        self._client = server.client()
        self._is_closed = False
        OPEN.add(self)

    @property
    def url(self) -> str:
        """Address of the page for a browser, with the token: whoever has it may annotate."""
        settings = self.server.settings
        where = settings.public_url or self.server.address
        return f"{where}/?video={quote(self.video_id)}#t={quote(settings.token)}"

    @cached_property
    def video(self) -> Video:
        """The video as the client has it; waits until every frame and the model are ready."""
        if self._is_closed:
            raise hinted(HostUnavailable(CLOSED), "What was annotated is in the folder.")
        return self._client.video(self.video_id)

    def masks(
        self,
        instance: int = 1,
        region: str = "overall",
        start: int | None = None,
        end: int | None = None,
    ) -> dict[int, BoolMask]:
        """Read the masks as they are now: frame to bool (H, W); `start` to `end`, both included."""
        return self._pair(instance, region).masks(start, end)

    @property
    def log(self) -> str:
        """The end of what the server wrote, to look into when something is wrong."""
        return self.server.log()

    def save_masks(self, folder: str | Path = "masks") -> dict[int, Pair]:
        """Write every mask as ``<frame>_<id>.npy`` (uint8, 0 and 1; H, W); returns who is which id.

        Frames and ids count from 0, ids in the order of instances and regions. ``manifest.json``
        names them, too. Files of earlier masks stay.
        """
        target = Path(folder)
        with TemporaryDirectory(prefix="sam2-session-") as temporary:
            export = self.video.export("npy", Path(temporary) / "masks.zip")
            try:
                with zipfile.ZipFile(export.path) as archive:
                    archive.extractall(target)  # its names are our own
                    facts = json.loads(archive.read("manifest.json"))
            except OSError as error:
                raise StorageFailed(
                    f"{target} cannot be written: {error.strerror}.", hint="Choose another folder."
                ) from error
        rows = facts["mask_ids"]
        return {row["mask_id"]: self._pair(row["instance_id"], row["region"]) for row in rows}

    def track(self, **options: Any) -> Job:
        """Carry all prompts through the video and wait; `options` are those of `Video.propagate`.

        The page shows how far it is. An interrupt of the cell stops it, and keeps what it made.
        """
        return self.video.propagate(**options).wait()

    def reset_all(self) -> None:
        """Remove every prompt and mask, also approved ones; on the page each pair can be undone."""
        whole = [(0, self.video.num_frames - 1)]
        for pair in self.video.pairs():
            try:
                pair.delete_masks(whole, checked=True).wait()
            except NothingToDo:  # somebody was faster
                continue

    def show(self, height: int | str | None = None) -> None:
        """Show the page once more, in this cell. Raises `InvalidRequest` outside a notebook."""
        if not is_notebook():
            raise InvalidRequest(
                "There is no notebook here to show the page in.",
                hint="Open the address in `app.url` in a browser.",
            )
        CellOutput().show(self.html(css_height(height)))

    def html(self, height: str) -> str:
        """Write the HTML that shows the page, as high as CSS says; a script makes the frame."""
        settings = self.server.settings
        frame = Frame(self.url, settings.embed_origin, height, near=not settings.public_url)
        return html_of(frame, self.video_id, f"sam2-session-{secrets.token_hex(6)}")

    def close(self) -> None:
        """End the server, unless another video of its folder is open; everything is stored."""
        if self._is_closed:
            return
        self._is_closed = True
        self.__dict__.pop("video", None)
        self._client.close()
        OPEN.discard(self)
        if not any(known.server is self.server for known in OPEN):
            SERVERS.close(self.server)

    def _pair(self, instance: int, region: str) -> Pair:
        return self.video.instance(instance)[region]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return (
            f"<Annotator {self.video_id}: closed>"
            if self._is_closed
            else (f"<Annotator {self.video_id} at {self.url}>")
        )


def _options(folder: Path, options: Mapping[str, Any]) -> dict[str, Any]:
    """Add where things lie, and who may show the page, to the options of a server."""
    chosen = {
        "videos_dir": folder / "videos",
        "outputs_dir": folder / "outputs",
        "checkpoints_dir": (folder if INSTALLED else DATA) / "checkpoints",
        **{name: Path(v).absolute() if name.endswith("_dir") else v for name, v in options.items()},
    }
    for name in ("embed_origin", "allowed_host", "allowed_origin"):
        if isinstance(chosen.get(name), str):
            chosen[name] = (chosen[name],)
    if "embed_origin" not in chosen:
        chosen["embed_origin"] = _origins(str(chosen.get("public_url", "")))
    return chosen


def _origins(public_url: str) -> tuple[str, ...]:
    """Give the origins of this notebook; behind a proxy its own pages are there, too."""
    if public_url:
        scheme, _, rest = public_url.partition("://")
        return (f"{scheme}://{rest.partition('/')[0]}",)
    return notebook_origins(os.environ)


def _find(server: BackgroundServer, video: str | Path, folder: Path) -> str:
    """Find or copy the video.

    Raises `VideoNotFound`, or `Conflict` if a server besides this one has it open.
    """
    with server.client() as client:
        try:
            video_id = client.find_video(video)
        except VideoNotFound as error:
            known = ", ".join(found.video_id for found in client.videos()[:LISTED]) or "none yet"
            raise _nowhere(video, folder, known) from error
        client.call("get_video", video_id=video_id)
        return video_id


def _refuse_missing_file(video: str | Path, folder: Path) -> None:
    """Refuse a path that leads nowhere before a server is started for it."""
    is_path = isinstance(video, Path) or os.sep in video
    name = Path(video).name
    is_file_name = Path(video).suffix.lower() in VIDEO_SUFFIXES | ARCHIVE_SUFFIXES
    if (is_path or is_file_name) and not Path(video).exists():
        there = [path.name for path in folder.glob("videos/*")]
        if is_path or not any(known.startswith(name) for known in there):  # no video_id either
            raise _nowhere(video, folder, ", ".join(there[:LISTED]) or "none yet")


def _nowhere(video: str | Path, folder: Path, known: str) -> VideoNotFound:
    hint = f"It is no file, seen from {Path.cwd()}, and no video of {folder}: {known}."
    return hinted(VideoNotFound(str(video)), hint)


def _ignore(text: str) -> None:
    """Show nothing."""
