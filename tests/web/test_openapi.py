"""Every route is described, declares its access, and is closed without the token."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from sam2_session.hosts.inline import InlineHost
from sam2_session.settings import Settings
from sam2_session.web.api_page import spell
from sam2_session.web.app import WebApp, create_app
from sam2_session.web.openapi import component_schemas, describe, path_of
from sam2_session.web.routes import UndeclaredRoute, check_all_declared
from tests.import_graph import ROOT
from tests.web import services

SETTINGS = Settings(async_mode="threading", token="s3cret")  # noqa: S106
PUBLIC = {
    ("GET", "/"),
    ("GET", "/review"),
    ("GET", "/static/{filename}"),
    ("GET", "/healthz"),
    ("POST", "/api/login"),
    ("GET", "/api/session"),
}
WIRE = """
GET /healthz · GET /readyz · GET /metrics · GET /api/videos · POST /api/videos
GET /api/videos/{video_id} · DELETE /api/videos/{video_id}
GET /api/videos/{video_id}/frames/{frame_idx}.jpg · GET /api/videos/{video_id}/frames.json
GET /api/videos/{video_id}/instances · POST /api/videos/{video_id}/instances
PATCH /api/videos/{video_id}/instances/{instance_id}
DELETE /api/videos/{video_id}/instances/{instance_id}
GET {pair}/prompts · PUT {pair}/prompts/{frame_idx} · DELETE {pair}/prompts/{frame_idx}
GET {pair}/masks/{frame_idx}.png · HEAD {pair}/masks/{frame_idx}.png
DELETE {pair}/masks/{frame_idx}.png · PUT {pair}/masks/{frame_idx}.png · GET {pair}/masks
GET /api/videos/{video_id}/instances/{instance_id}/keypoints
PUT /api/videos/{video_id}/instances/{instance_id}/keypoints
POST /api/videos/{video_id}/undo · POST /api/videos/{video_id}/redo
POST /api/videos/{video_id}/propagate
GET /api/jobs · GET /api/jobs/{job_id} · DELETE /api/jobs/{job_id}
GET /api/models · POST /api/models/{name}/select · GET /api/openapi.json
""".replace("{pair}", "/api/videos/{video_id}/instances/{instance_id}/regions/{region}")


@pytest.fixture
def web() -> Iterator[WebApp]:
    host = InlineHost(services.build(SETTINGS))
    yield create_app(host, SETTINGS)
    host.close()


def every_operation(app: Flask) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"OPTIONS", "HEAD"}:
            yield method, path_of(rule)


def test_every_route_is_in_the_document(web: WebApp) -> None:
    paths = describe(web.flask)["paths"]

    for method, path in every_operation(web.flask):
        assert paths[path][method.lower()]["summary"]


@pytest.mark.parametrize(
    "line", [x.strip() for row in WIRE.split("\n") for x in row.split("·") if x]
)
def test_every_operation_of_the_wire_is_there(web: WebApp, line: str) -> None:
    method, path = line.split()

    assert method.lower() in describe(web.flask)["paths"][path]


def test_without_the_token_everything_but_the_public_list_is_401(web: WebApp) -> None:
    client = web.flask.test_client()

    for method, path in every_operation(web.flask):
        with client.open(fill(path), method=method) as answer:
            closed = answer.status_code == 401

        assert closed is ((method, path) not in PUBLIC or path == "/api/login"), (method, path)


def test_the_document_marks_what_needs_the_token(web: WebApp) -> None:
    paths = describe(web.flask)["paths"]

    for method, path in every_operation(web.flask):
        assert ("security" in paths[path][method.lower()]) is ((method, path) not in PUBLIC)


def test_every_schema_that_is_pointed_at_exists(web: WebApp) -> None:
    text = str(describe(web.flask))

    names = {part.split("'")[0] for part in text.split("#/components/schemas/")[1:]}
    assert names
    assert names <= set(component_schemas())


def test_schemas_keep_to_what_other_tools_read(web: WebApp) -> None:
    frames = component_schemas()["FramesMarked"]["properties"]["frames"]["items"]

    assert (frames["minItems"], frames["maxItems"], frames["items"]["type"]) == (2, 2, "integer")
    assert "ud800" not in str(describe(web.flask))


def test_names_in_paths_have_the_values_of_their_fields(web: WebApp) -> None:
    paths = describe(web.flask)["paths"]
    (run, _) = paths["/api/videos/{video_id}/runs/{run}/rollback"]["post"]["parameters"]
    (_, verb) = paths["/api/batches/{batch_id}/process/{verb}"]["post"]["parameters"]

    assert (run["name"], run["schema"]["minimum"]) == ("run", 1)
    assert set(verb["schema"]["enum"]) == {"pause", "resume", "cancel", "retry"}


def test_options_names_the_methods_of_the_path_alone(web: WebApp) -> None:
    client, bearer = web.flask.test_client(), {"Authorization": "Bearer s3cret"}

    restore = client.options("/api/videos/restore", headers=bearer)
    video = client.options("/api/videos/clip", headers=bearer)

    assert set(restore.allow) == {"POST", "OPTIONS"}
    assert set(video.allow) == {"GET", "HEAD", "DELETE", "OPTIONS"}


def test_a_route_without_access_stops_the_start(web: WebApp) -> None:
    app = Flask("other", static_folder=None)
    app.add_url_rule("/forgotten", view_func=lambda: "secret")

    with pytest.raises(UndeclaredRoute):
        check_all_declared(app)


def test_two_servers_in_one_process_do_not_share_their_token(web: WebApp) -> None:
    host = InlineHost(services.build(SETTINGS))
    other = create_app(host, Settings(async_mode="threading", token="other"))  # noqa: S106
    bearer = {"Authorization": "Bearer other"}

    statuses = [
        app.flask.test_client().get("/api/videos", headers=bearer).status_code
        for app in (web, other)
    ]

    assert statuses == [401, 200]
    host.close()


def test_the_readable_page_has_every_route_and_every_type(web: WebApp) -> None:
    answer = web.flask.test_client().get("/api/docs", headers={"Authorization": "Bearer s3cret"})
    text = html.unescape(answer.get_data(as_text=True))

    assert answer.mimetype == "text/html"
    for _, path in every_operation(web.flask):
        assert f"<code>{path}</code>" in text
    for name in component_schemas():
        assert f'id="type-{name}"' in text
    assert "<script" not in text
    assert not re.search(r'(href|src)="(https?:)?//', text)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "integer", "minimum": 0, "maximum": 9}, "whole number from 0 to 9"),
        ({"anyOf": [{"$ref": "#/components/schemas/Point"}, {"type": "null"}]}, "Point or null"),
        ({"type": "array", "items": {"type": "string"}}, "list of text"),
        ({"type": ["string", "null"]}, "text or null"),
        ({"enum": [0, 1]}, "0 or 1"),
        ({"type": "array", "prefixItems": [{"type": "number"}] * 2}, "[number, number]"),
        (
            {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
            "[number, number]",
        ),
        ({}, "anything"),
    ],
)
def test_a_type_is_spelt_in_words(schema: dict[str, Any], words: str) -> None:
    assert spell(schema) == words


def test_the_routes_for_who_comes_from_elsewhere_exist(web: WebApp) -> None:
    text = (ROOT / "docs" / "rest.md").read_text(encoding="utf-8")
    table = text.partition("## If you come from")[2].partition("\n## ")[0]
    named = re.findall(r"(GET|HEAD|PUT|POST|DELETE)(?:`?, `[A-Z]+)* ([/{][^`? ]+)", table)
    pair = "/api/videos/{v}/instances/{n}/regions/{r}"
    known = {(method, nameless(path)) for method, path in every_route(web.flask)}

    ours = {(method, nameless(path.replace("{pair}", pair))) for method, path in named}

    assert len(ours) > 15
    assert {(method, path) for method, path in ours if "/api/" in path} <= known


def every_route(app: Flask) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules():
        for method in rule.methods or ():
            yield method, path_of(rule)


def nameless(path: str) -> str:
    """Leave the names of the fields in a path out."""
    return re.sub(r"\{\w+\}", "{}", path)


def fill(path: str) -> str:
    return (
        path.replace("{filename}", "vendor/socket.io-LICENSE.txt")
        .replace("{instance_id}", "1")
        .replace("{frame_idx}", "2")
    )
