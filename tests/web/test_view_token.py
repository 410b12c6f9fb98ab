"""The token for looking and exporting: every operation's declared access says what it opens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from sam2_session.services.operations.operation import Access, Operation
from sam2_session.services.operations.table import EVENTS, OPERATIONS
from tests.web.live import PATIENCE_S, LiveServer, running_server

VIEW = {"Authorization": "Bearer just-l00k"}
EDIT = {"Authorization": "Bearer s3cret"}
BY_ACCESS = {
    access: [
        operation for operation in OPERATIONS if operation.route and operation.access is access
    ]
    for access in Access
}


@pytest.fixture(scope="module")
def two_tokens(mode: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder = tmp_path_factory.mktemp("two_tokens")
    tokens = ("--token", "s3cret", "--view-token", "just-l00k")
    with running_server(folder, "--async-mode", mode, *tokens) as live:
        yield live


def ask(server: LiveServer, operation: Operation[Any], headers: dict[str, str]) -> tuple[int, str]:
    """Ask for an operation with made-up fields; its status, and the code of its error."""
    path = operation.address(**{name: "1" for name in operation.path_names})
    answer = server.request(operation.method, path, **headers)
    found = re.search(rb'"code":"(\w+)"', answer.body)
    return answer.status, found[1].decode() if found else ""


def test_what_changes_something_is_refused(two_tokens: LiveServer) -> None:
    answers = {op.name: ask(two_tokens, op, VIEW) for op in BY_ACCESS[Access.EDIT]}

    assert len(answers) > 40
    assert set(answers.values()) == {(403, "read_only")}


def test_what_looks_or_exports_is_not(two_tokens: LiveServer) -> None:
    # get_job waits for a job, list_cells sends a stream of the real services
    left_out = ("get_job", "list_cells")
    open_to_both = BY_ACCESS[Access.VIEW] + BY_ACCESS[Access.EXPORT]
    answers = {op.name: ask(two_tokens, op, VIEW) for op in open_to_both if op.name not in left_out}

    assert len(answers) > 20
    assert not {code for _, code in answers.values()} & {"read_only", "unauthorized"}


def test_the_same_is_open_to_the_other_token(two_tokens: LiveServer) -> None:
    assert two_tokens.request("DELETE", "/api/videos/clip", **VIEW).status == 403
    assert two_tokens.request("DELETE", "/api/videos/clip", **EDIT).status == 204


@pytest.mark.parametrize("event", EVENTS)
def test_events_that_change_something_are_refused(two_tokens: LiveServer, event: str) -> None:
    sent = {"seq": 9, "video_id": "clip", "job_id": "x"}
    with two_tokens.socket(**VIEW) as page:
        ack = page.call(event, sent, timeout=PATIENCE_S)

    refused = ack["status"] == "rejected" and ack["error"]["code"] == "read_only"
    assert refused is (EVENTS[event].access is Access.EDIT)
    assert ack["seq"] == 9


def test_a_cookie_carries_what_its_token_lets_do(two_tokens: LiveServer) -> None:
    login = two_tokens.request("POST", "/api/login", {"token": "just-l00k"})
    cookie = {"Cookie": login.headers["set-cookie"].partition(";")[0], "Origin": two_tokens.origin}

    session = two_tokens.request("GET", "/api/session", **cookie).json
    assert login.json == {"authenticated": True, "access": "view"}
    assert (session["authenticated"], session["access"]) == (True, "view")
    assert two_tokens.request("DELETE", "/api/videos/clip", **cookie).status == 403
    assert two_tokens.request("GET", "/api/videos", **cookie).status == 200


def test_the_session_says_what_one_may_do(two_tokens: LiveServer, server: LiveServer) -> None:
    assert two_tokens.request("GET", "/api/session", **EDIT).json["access"] == "edit"
    assert two_tokens.request("GET", "/api/session").json["access"] is None
    assert server.request("GET", "/api/session").json["access"] == "edit"


def test_both_urls_are_printed(two_tokens: LiveServer) -> None:
    assert two_tokens.process.stdout is not None
    line = two_tokens.process.stdout.readline()

    assert re.fullmatch(r"To look and export only: http://127\.0\.0\.1:\d+/#t=just-l00k\n", line)
