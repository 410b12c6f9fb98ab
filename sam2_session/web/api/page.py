"""Routes of the pages, of the OpenAPI document, and of the page made from it."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, render_template, request

from sam2_session import __version__
from sam2_session.options import InvalidSettings, parse_public_url
from sam2_session.services.operations.operation import Access
from sam2_session.web.api_page import sections, types
from sam2_session.web.headers import page_policy
from sam2_session.web.openapi import describe
from sam2_session.web.public_address import PublicAddress
from sam2_session.web.routes import declare
from sam2_session.web.strict_json import json_answer


def page_api() -> Blueprint:
    """Make the routes GET /, GET /review, GET /api/openapi.json and GET /api/docs."""
    api = Blueprint("page", __name__)

    @api.get("/")
    @declare(
        "The page; `server` is the origin of another server to use",
        access=Access.PUBLIC,
        answer="text/html",
        query=("server",),
    )
    def index() -> Response:
        return _page("index.html")

    @api.get("/review")
    @declare(
        "The review page of a `video` or `batch`; `server` is the origin of another server to use",
        access=Access.PUBLIC,
        answer="text/html",
        query=("video", "batch", "server"),
    )
    def review() -> Response:
        return _page("review.html")

    @api.get("/api/openapi.json")
    @declare("This OpenAPI document")
    def openapi() -> Response:
        return json_answer(describe(current_app, request.script_root))

    @api.get("/api/docs")
    @declare("This API, readable: a page without scripts", answer="text/html")
    def docs() -> Response:
        document = describe(current_app)
        text = render_template(
            "api.html", version=__version__, sections=sections(document), types=types(document)
        )
        page = Response(text, mimetype="text/html")
        page.headers["Content-Security-Policy"] = page_policy()
        return page

    return api


def _page(template: str) -> Response:
    page = Response(render_template(template, version=__version__), mimetype="text/html")
    page.headers["Content-Security-Policy"] = page_policy(_requested_server())
    return page


def _requested_server() -> str | None:
    """Return the origin in the query; None for invalid text, which the page reports itself."""
    try:
        return PublicAddress.of(parse_public_url(request.args.get("server", ""))).origin or None
    except InvalidSettings:
        return None
