"""A change sent twice with one key is made once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Response
from werkzeug.test import EnvironBuilder, TestResponse
from werkzeug.wrappers import Request

from sam2_session.core.errors import Conflict, HostUnavailable
from sam2_session.hosts.inline import InlineHost
from sam2_session.settings import Settings
from sam2_session.web import idempotency
from sam2_session.web.app import WebApp, create_app
from sam2_session.web.idempotency import KeptAnswers
from sam2_session.web.strict_json import json_answer
from tests.web import services

KEY = {"Idempotency-Key": "k1"}
PATH = "/api/videos/clip/instances"


class Counting(services.WebServices):
    """Makes instances, counting them."""

    made = 0

    def do_create_instance(self, video_id: str, name: str = "", **rest: Any) -> Any:
        self.made += 1
        if name == "taken":
            raise Conflict("Taken.")
        if name == "down" and self.made == 1:
            raise HostUnavailable
        return {"instance_id": self.made, "name": name}


@pytest.fixture
def web() -> Iterator[WebApp]:
    settings = Settings(async_mode="threading")
    host = InlineHost(Counting(settings))
    yield create_app(host, settings)
    host.close()


def post(web: WebApp, name: str, path: str = PATH, **headers: str) -> TestResponse:
    return web.flask.test_client().post(path, json={"name": name}, headers={**KEY, **headers})


def test_the_second_answer_is_that_of_the_first(web: WebApp) -> None:
    first, second = post(web, "a"), post(web, "a")

    assert (first.status_code, first.json) == (201, {"instance_id": 1, "name": "a"})
    assert (second.status_code, second.json) == (201, first.json)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers


def test_another_key_is_another_change(web: WebApp) -> None:
    post(web, "a")

    assert post(web, "a", **{"Idempotency-Key": "k2"}).get_json()["instance_id"] == 2


def test_a_key_serves_one_request_only(web: WebApp) -> None:
    post(web, "a")

    for answer in (post(web, "b"), post(web, "a", path="/api/videos/other/instances")):
        assert answer.status_code == 422
        assert answer.get_json()["error"]["code"] == "idempotency_key_reused"


def test_a_refusal_is_repeated_and_an_outage_is_not(web: WebApp) -> None:
    assert [post(web, "down").status_code for _ in range(3)] == [503, 201, 201]
    refused = [post(web, "taken", **{"Idempotency-Key": "k3"}) for _ in range(2)]

    assert [answer.status_code for answer in refused] == [409, 409]
    assert post(web, "c", **{"Idempotency-Key": "k4"}).get_json()["instance_id"] == 4


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_a_bad_key_is_refused(web: WebApp, key: str) -> None:
    assert post(web, "a", **{"Idempotency-Key": key}).status_code == 400


def test_what_only_reads_takes_no_notice_of_a_key(web: WebApp) -> None:
    answers = [web.flask.test_client().get(PATH, headers=KEY) for _ in range(2)]

    assert all("Idempotency-Replayed" not in answer.headers for answer in answers)


def sent(body: bytes = b"") -> Any:
    return Request(EnvironBuilder(PATH, method="POST", headers=KEY, data=body).get_environ())


def test_a_repetition_waits_for_the_first_request(monkeypatch: pytest.MonkeyPatch) -> None:
    answers, go, begun = KeptAnswers(), threading.Event(), threading.Event()

    def change() -> Response:
        begun.set()
        go.wait()
        return json_answer({"done": True})

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(answers.run, sent(), b"", change)
        begun.wait()
        second = pool.submit(answers.run, sent(), b"", _never)
        go.set()
        assert first.result().data == second.result().data == b'{"done":true}'


def test_only_the_newest_answers_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "MAX_ANSWERS", 1)
    answers, counts = KeptAnswers(), iter(range(9))

    def change() -> Response:
        return json_answer({"count": next(counts)})

    found = [answers.run(sent(), b"", change).data for _ in range(2)]

    assert found == [b'{"count":0}', b'{"count":1}']


def _never() -> Response:
    raise AssertionError("made twice")
