"""An agent at work through the protocol's own client, seen on the page and taken back there."""

from __future__ import annotations

import base64
import io
import json
import sys
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any

import anyio
import httpx
import pytest
from mcp import Client, StdioServerParameters
from PIL import Image

from sam2_session.agents.serving import Message, Receive, Send, with_token
from sam2_session.cli.__main__ import main
from tests.browser.conftest import NewPage
from tests.browser.driver import AnnotatorPage
from tests.browser.server import ROOT, LiveServer
from tests.browser.test_annotating import SHAFT

AT = {"video_id": "demo", "instance_id": 1, "region": "overall", "frame_idx": 0}
Calls = Callable[[Client], Coroutine[Any, Any, None]]


@contextmanager
def agent_at(server: LiveServer, calls: Calls) -> Iterator[None]:
    """Start the door as an agent's host does; the calls go on beside the block, and end with it."""
    words = ["-m", "sam2_session", "mcp", "--url", server.url, "--name", "Robo"]
    door = StdioServerParameters(command=sys.executable, args=words, cwd=str(ROOT))

    async def run() -> None:
        async with Client(door) as client:
            await calls(client)

    with ThreadPoolExecutor(1) as threads:  # Playwright's loop runs in this one
        working = threads.submit(anyio.run, run)
        yield
        working.result()


def text_of(answer: Any) -> Any:
    """The JSON of an answer's first part."""
    assert not answer.is_error, answer.content
    return json.loads(answer.content[0].text)


def test_an_agent_annotates_and_people_see_it(live_server: LiveServer, new_page: NewPage) -> None:
    ada = AnnotatorPage(new_page(), live_server.url)
    ada.open()
    looked = Event()

    async def work(client: Client) -> None:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        assert {"look", "click", "run", "list_suspicious", "approve", "export"} <= tools
        listed = text_of(await client.call_tool("list_videos", {}))
        assert [row["video_id"] for row in listed] == ["demo"]

        x, y = SHAFT
        clicked = await client.call_tool("click", {"at": AT, "x": x, "y": y})
        mask = text_of(clicked)
        assert (mask["state"], mask["area"] > 100) == ("drawn", True)
        picture = Image.open(io.BytesIO(base64.b64decode(clicked.content[1].data)))
        assert picture.format == "JPEG"
        await anyio.to_thread.run_sync(looked.wait)

        span = {"start": 0, "end": 5}
        job = text_of(await client.call_tool("run", {"video_id": "demo", **span}))
        while job["state"] in ("queued", "running"):
            await anyio.sleep(0.2)
            job = text_of(await client.call_tool("read_job", {"job_id": job["job_id"]}))
        assert job["state"] == "done", job
        pair = {"video_id": "demo", "instance_id": 1, "region": "overall"}
        approved = await client.call_tool("approve", {**pair, "first": 1, "last": 2})
        assert text_of(approved) == {"approved": 2}
        read = text_of(await client.call_tool("read_annotations", {"video_id": "demo"}))
        assert read["pairs"][0] | {"stale": 0, "flagged": 0} == {
            "instance_id": 1, "region": "overall", "prompted_frames": [0], "masks": 6,
            "approved": 2, "stale": 0, "flagged": 0,
        }  # fmt: skip
        assert "total" in text_of(await client.call_tool("list_suspicious", {"video_id": "demo"}))
        exported = {"video_id": "demo", "format": "masks_zip"}
        assert text_of(await client.call_tool("export", exported))["bytes"] > 0

        again = await client.call_tool("undo", {"at": {**AT, "frame_idx": 40}})
        assert again.is_error
        assert "nothing to undo" in again.content[0].text

    with agent_at(live_server, work):
        ada.until(lambda: ada.drawn_masks() == 1 and ada.stage("points") == "1")
        ada.until(lambda: "Robo" in [who["name"] for who in ada.state("session.presence")])
        looked.set()
    ada.until(lambda: len(ada.state("annotations.masks.1/overall")) == 6)
    ada.press("u")
    question = ada.page.get_by_test_id("toast").filter(has_text="Robo made the last change here.")
    question.get_by_test_id("toast-action").click()
    ada.until(lambda: ada.stage("points") == "0")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([], "works on a running server"),
        (["--url", "http://127.0.0.1:9"], "cannot be reached"),
        (["--url", "http://127.0.0.1:9", "--http-port", "0"], "needs a token"),
    ],
)
def test_without_a_server_or_a_token_there_is_no_door(
    words: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mcp", *words], {}) == 1
    assert why in capsys.readouterr().err


def test_over_http_nobody_gets_in_without_the_token() -> None:
    async def app(scope: Message, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"in"})

    async def ask(**headers: str) -> int:
        transport = httpx.ASGITransport(with_token(app, "s3cret"))
        async with httpx.AsyncClient(transport=transport, base_url="http://door") as http:
            return (await http.post("/mcp", headers=headers)).status_code

    async def statuses() -> list[int]:
        given = ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer s3cret"})
        return [await ask(**headers) for headers in given]

    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(anyio.run, statuses).result() == [401, 401, 200]
