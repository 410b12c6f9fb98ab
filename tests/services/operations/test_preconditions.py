"""If-Match over the real services: a change is made only to the version that was read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sam2_session.hosts.inline import InlineHost
from sam2_session.settings import Settings
from sam2_session.web.app import create_app
from tests.annotating import BODY, DISC, Annotator, mask_bytes

PAIR = "/api/videos/clip/instances/1/regions/overall"
CLICK = {"points": [{"x": BODY[0], "y": BODY[1], "label": 1}]}
MORE = {"points": [{"x": DISC[0], "y": DISC[1], "label": 0}]}


@pytest.fixture
def client(ada: Annotator, settings: Settings) -> Iterator[FlaskClient]:
    host = InlineHost(ada.services)
    app = create_app(host, Settings(async_mode="threading"))
    yield app.flask.test_client()
    app.sockets.stop()


def etag(answer: TestResponse) -> dict[str, str]:
    """The header that asks for what was read."""
    assert answer.status_code == 200
    return {"If-Match": answer.headers["ETag"]}


def code(answer: TestResponse) -> Any:
    assert answer.json is not None
    return answer.status_code, answer.json["error"]["code"]


def test_the_prompts_of_a_frame_are_changed_by_the_revision_of_the_last_answer(
    client: FlaskClient,
) -> None:
    first = client.put(f"{PAIR}/prompts/2", json=CLICK)
    other = client.put(f"{PAIR}/prompts/5", json=CLICK)
    second = client.post(f"{PAIR}/prompts/2/points", json=MORE, headers=etag(first))

    late = client.put(f"{PAIR}/prompts/2", json=CLICK, headers=etag(first))
    assert code(late) == (412, "precondition_failed")
    assert client.delete(f"{PAIR}/prompts/5", headers=etag(other)).status_code == 200
    assert client.delete(f"{PAIR}/prompts/2", headers=etag(second)).status_code == 200


def test_what_was_read_is_changed_only_as_long_as_it_is_the_same(client: FlaskClient) -> None:
    read = etag(client.get("/api/videos/clip/instances"))
    path = "/api/videos/clip/instances/1"

    assert client.patch(path, json={"name": "first"}, headers=read).status_code == 200
    assert code(client.patch(path, json={"name": "late"}, headers=read))[0] == 412
    assert client.patch(path, json={"name": "now"}, headers={"If-Match": "*"}).status_code == 200
    rows = client.get("/api/videos/clip/instances").get_json()["instances"]
    assert [row["name"] for row in rows] == ["now"]


def test_a_mask_is_replaced_only_if_nobody_changed_it(
    client: FlaskClient, settings: Settings
) -> None:
    client.put(f"{PAIR}/prompts/0", json=CLICK)
    old = client.get(f"{PAIR}/masks/0.png")
    client.post(f"{PAIR}/prompts/0/points", json=MORE)
    kept = mask_bytes(settings, 0)

    late = client.put(f"{PAIR}/masks/0.png", data=old.data, headers=etag(old))
    assert late.status_code == 412
    assert mask_bytes(settings, 0) == kept
    new = client.get(f"{PAIR}/masks/0.png")
    assert client.delete(f"{PAIR}/masks/0.png", headers=etag(new)).status_code == 200
    gone = client.delete(f"{PAIR}/masks/0.png", headers=etag(new))
    assert code(gone) == (412, "precondition_failed")


def test_what_is_the_same_is_not_sent_again(client: FlaskClient) -> None:
    read = client.get(f"{PAIR}/prompts")
    again = {"If-None-Match": read.headers["ETag"]}

    assert client.get(f"{PAIR}/prompts", headers=again).status_code == 304
    client.put(f"{PAIR}/prompts/2", json=CLICK)
    assert client.get(f"{PAIR}/prompts", headers=again).status_code == 200
    path = "/api/videos/clip/frames/1.jpg"
    known = {"If-None-Match": client.get(path).headers["ETag"]}
    assert client.get(path, headers=known).status_code == 304
