"""The page itself, and the description of everything else."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, render_template

from sam2_session import __version__
from sam2_session.web.openapi import describe
from sam2_session.web.routes import Access, operation
from sam2_session.web.strict_json import json_answer


def page_api() -> Blueprint:
    """GET / and GET /api/openapi.json."""
    api = Blueprint("page", __name__)

    @api.get("/")
    @operation("The page", access=Access.PUBLIC, answer="text/html")
    def index() -> str:
        return render_template("index.html", version=__version__)

    @api.get("/api/openapi.json")
    @operation("This document")
    def openapi() -> Response:
        return json_answer(describe(current_app))

    return api
