"""Routes of the pages, of their files, of the OpenAPI document, and of the page made from it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, current_app, request

from sam2_session.options import InvalidSettings, parse_public_url
from sam2_session.services.operations.operation import Access
from sam2_session.web.api_page import sections, types
from sam2_session.web.headers import page_policy
from sam2_session.web.openapi import describe
from sam2_session.web.page_files import PageFiles
from sam2_session.web.pages import Pages
from sam2_session.web.public_address import PublicAddress
from sam2_session.web.routes import declare
from sam2_session.web.strict_json import json_answer


def page_api(files: PageFiles, embed_origins: Sequence[str] = ()) -> Blueprint:
    """Make GET /, GET /review, GET /static/…, GET /api/openapi.json and GET /api/docs.

    Pages of `embed_origins` may show the first two in a frame.
    """
    api = Blueprint("page", __name__)
    pages = Pages(files)

    @api.get("/")
    @declare(
        "The page; `server` is the origin of another server to use",
        access=Access.PUBLIC,
        answer="text/html",
        query=("server",),
    )
    def index() -> Response:
        return pages.render("index.html", policy=page_policy(_requested_server(), embed_origins))

    @api.get("/review")
    @declare(
        "The review page of a `video` or `batch`; `server` is the origin of another server to use",
        access=Access.PUBLIC,
        answer="text/html",
        query=("video", "batch", "server"),
    )
    def review() -> Response:
        return pages.render("review.html", policy=page_policy(_requested_server(), embed_origins))

    @api.get("/static/<path:filename>")
    @declare("Scripts, styles and icons of the page", access=Access.PUBLIC)
    def static(filename: str) -> Response:
        return files.send(request, filename)

    @api.get("/api/openapi.json")
    @declare("This OpenAPI document")
    def openapi() -> Response:
        return json_answer(describe(current_app, request.script_root))

    @api.get("/api/docs")
    @declare("This API, readable: a page without scripts", answer="text/html")
    def docs() -> Response:
        document = describe(current_app)
        return pages.render(
            "api.html",
            policy=page_policy(),
            sections=sections(document),
            types=types(document),
        )

    return api


def _requested_server() -> str | None:
    """Return the origin in the query; None for invalid text, which the page reports itself."""
    try:
        return PublicAddress.of(parse_public_url(request.args.get("server", ""))).origin or None
    except InvalidSettings:
        return None
