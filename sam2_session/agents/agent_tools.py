"""The tools of an agent: look at frames, click, run, read suspicions, approve, export."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from mcp.server.mcpserver import Image, MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from sam2_session.agents.visitor import Visitor
from sam2_session.client.connection import Json
from sam2_session.client.jobs import Job
from sam2_session.client.pairs import Pair
from sam2_session.core.errors import SessionError
from sam2_session.services.operations import exports

INSTRUCTIONS = """\
Annotate objects in videos with SAM 2. Look at a frame, click on an object (a pair is an instance
and one of its regions), look at the mask, correct it with negative clicks, then run: the clicks
are carried through the video. Read suspicious masks, correct those frames, run again, approve,
export. Coordinates are source pixels from the top left corner; frames count from 0. People may
work on the same video: they see what you do, and can undo it. Never undo what others did."""
LOOK_WIDTH = 960  # px
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class PairOnFrame:
    """A frame of a video, and the pair to prompt there: an instance and one of its regions."""

    video_id: str
    instance_id: int
    region: str
    frame_idx: int


def make_server(visitor: Visitor) -> MCPServer:
    """Make a server of the protocol with all tools."""
    server = MCPServer("sam2-session", instructions=INSTRUCTIONS)
    tools = Tools(visitor)
    for tool in (
        tools.list_videos,
        tools.read_annotations,
        tools.look,
        tools.click,
        tools.set_box,
        tools.undo,
        tools.add_instance,
        tools.run,
        tools.read_job,
        tools.stop_job,
        tools.list_suspicious,
        tools.approve,
        tools.export,
    ):
        server.add_tool(_told(tool), name=tool.__name__, structured_output=False)
    return server


def _told(tool: Callable[P, R]) -> Callable[P, R]:
    """Make the errors of a tool readable to the agent: the message and the way out."""

    @wraps(tool)
    def told(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return tool(*args, **kwargs)
        except SessionError as error:
            raise ToolError(f"{error.code}: {error.message} {error.hint}".strip()) from error

    return told


class Tools:
    """Actions of an agent; each method is a tool, and the agent reads its docstring."""

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor
        self._client = visitor.client

    def list_videos(self) -> str:
        """List the videos: video_id, name, num_frames, width, height, state, counts."""
        names = ("video_id", "name", "num_frames", "width", "height", "fps", "state", "counts")
        rows = self._client.call("list_videos")["videos"]
        return _text([{name: row.get(name) for name in names} for row in rows])

    def read_annotations(self, video_id: str) -> str:
        """Read a video's instances and regions, and for each pair its prompted frames and the
        number of its masks, of those approved, stale (to be run again) and flagged by a run.
        """
        video = self._client.video(video_id)
        pairs = []
        for pair in video.pairs():
            facts = self._masks(pair)
            pairs.append(
                {
                    "instance_id": pair.instance_id,
                    "region": pair.region,
                    "prompted_frames": [row.frame_idx for row in pair.prompts()],
                    "masks": len(facts),
                    "approved": sum(row["approved"] for row in facts),
                    "stale": sum(row["stale"] for row in facts),
                    "flagged": sum(bool(row["flags"]) for row in facts),
                }
            )
        instances = [
            {"instance_id": row["instance_id"], "name": row["name"]}
            for row in video.instance_rows()
        ]
        return _text({"instances": instances, "regions": video.regions(), "pairs": pairs})

    def look(self, video_id: str, frame_idx: int, width: int = LOOK_WIDTH) -> Image:
        """Look at a frame with its masks and prompts drawn over it, `width` pixels wide.

        Coordinates of clicks are those of the source: multiply by source width / `width`.
        """
        self._visitor.look(video_id, frame_idx)
        data = self._client.call(
            "read_overlay_jpeg", video_id=video_id, frame_idx=frame_idx, width=width, prompts=True
        )
        return Image(data=data, format="jpeg")

    def click(self, at: PairOnFrame, x: float, y: float, positive: bool = True) -> list[Any]:
        """Click on a frame: positive adds to the pair's mask, negative removes from it.

        Returns the new mask's score (0 to 1), area in pixels and box, and a picture of the frame.
        """
        return self._prompted("add_point", at, x=x, y=y, label=1 if positive else 0)

    def set_box(self, at: PairOnFrame, x0: float, y0: float, x1: float, y1: float) -> list[Any]:
        """Draw a box around a pair's object on a frame; its clicks stay. Answers as `click`."""
        return self._prompted("set_box", at, box=[x0, y0, x1, y1])

    def undo(self, at: PairOnFrame) -> list[Any]:
        """Undo your own last change of a frame; refused if it is another person's."""
        return self._prompted("undo", at)

    def add_instance(self, video_id: str, name: str) -> str:
        """Add an instance, such as a second tool; returns its instance_id."""
        self._visitor.open(video_id)
        added = self._client.video(video_id).add_instance(name)
        return _text({"instance_id": added.instance_id})

    def run(
        self,
        video_id: str,
        pairs: list[dict[str, Any]] | None = None,
        start: int | None = None,
        end: int | None = None,
        direction: str = "forward",
    ) -> str:
        """Carry prompts through the video in the background; returns the job to read with
        `read_job`. `pairs` are [{instance_id, region}], without them all; `direction` is forward,
        backward or both. Approved masks are kept.
        """
        given: Json = {"start": start, "end": end}
        request = {name: value for name, value in given.items() if value is not None}
        request |= {"video_id": video_id, "pairs": pairs or "all", "direction": direction}
        started = self._visitor.change("propagate", video_id, **request)
        return _text(_job(self._client.job(started["job_id"]).facts))

    def read_job(self, job_id: str) -> str:
        """Read how far a job is: state (queued, running, done, failed, cancelled), done, total."""
        return _text(_job(self._client.job(job_id).facts))

    def stop_job(self, job_id: str) -> str:
        """Stop a job; what it finished is kept."""
        job = self._client.job(job_id)
        job.stop()
        return _text(_job(job.facts))

    def list_suspicious(self, video_id: str, limit: int = 20) -> str:
        """List stretches of masks that look wrong and that nobody has reviewed, worst first: the
        worst frame of each, a score from 0 to 1, and reasons in words.
        """
        stops = self._client.call("list_suspicions", video_id=video_id)["stops"]
        return _text({"stops": stops[:limit], "total": len(stops)})

    def approve(self, video_id: str, instance_id: int, region: str, first: int, last: int) -> str:
        """Approve a pair's masks from frame `first` to `last`: runs leave them alone from then."""
        key = {"video_id": video_id, "instance_id": instance_id, "region": region}
        self._visitor.change("approve", video_id, key=key, frames=[[first, last]], approved=True)
        rows = self._masks(self._client.video(video_id).instance(instance_id)[region])
        return _text({"approved": sum(row["approved"] for row in rows)})

    def export(self, video_id: str, format: str) -> str:
        """Export the annotations, e.g. as coco, masks_zip, yolo, davis or label_studio.

        Waits for it; returns the address of the file on the server, its size and its hash.
        """
        started = self._client.call("start_export", video_id=video_id, format=format, options={})
        Job.started(self._client.connection, started).wait()
        rows = self._client.call("list_exports", video_id=video_id)["exports"]
        row = next(row for row in rows if row["export_id"] == started["job_id"])
        address = exports.READ_EXPORT.address(video_id=video_id, export_id=row["export_id"])
        return _text({"address": address, "bytes": row["bytes"], "sha256": row["sha256"]})

    def _masks(self, pair: Pair) -> list[Json]:
        rows: list[Json] = self._client.call("list_masks", **pair.key.to_wire())["masks"]
        return rows

    def _prompted(self, event: str, at: PairOnFrame, **fields: Any) -> list[Any]:
        pair = {"instance_id": at.instance_id, "region": at.region}
        self._visitor.look(at.video_id, at.frame_idx, pair)
        key = {"video_id": at.video_id, **pair}
        sent = self._visitor.change(event, at.video_id, key=key, frame_idx=at.frame_idx, **fields)
        mask = self._visitor.mask_of(sent["seq"])
        facts = {name: mask.get(name) for name in ("state", "score", "area", "box")}
        return [_text(facts), self.look(at.video_id, at.frame_idx)]


def _text(value: Any) -> str:
    return json.dumps(value)


def _job(facts: Json) -> Json:
    names = ("job_id", "kind", "state", "done", "total", "eta_s", "error")
    return {name: facts.get(name) for name in names}
