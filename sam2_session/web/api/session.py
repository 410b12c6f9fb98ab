"""Routes to log in with the token, and to read the state of the login."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Blueprint, Response, request

from sam2_session import __version__
from sam2_session.hosts.base import Host
from sam2_session.runtime import run_blocking
from sam2_session.services.fields.fields import Fields
from sam2_session.services.operations.operation import Access
from sam2_session.settings import Settings
from sam2_session.web.credentials import Credentials
from sam2_session.web.guard import ACCESS
from sam2_session.web.routes import declare
from sam2_session.web.strict_json import json_answer, json_object


class Login(Fields, frozen=True, kw_only=True):
    """The token of this server."""

    token: str


def session_api(host: Host, credentials: Credentials, settings: Settings) -> Blueprint:
    """Make the routes POST /api/login and GET /api/session."""
    api = Blueprint("session", __name__, url_prefix="/api")

    @api.post("/login")
    @declare("Exchange the token for a cookie", access=Access.PUBLIC, body=Login)
    def login() -> Response:
        token = json_object(request).get("token", "")
        access, cookie = credentials.login(request.environ, token)
        response = json_answer({"authenticated": True, "access": _word(access)})
        response.headers["Set-Cookie"] = cookie
        return response

    @api.get("/session")
    @declare("Whether this client has the token, and the state of the server", access=Access.PUBLIC)
    def session() -> Response:
        return json_answer(
            {
                "authenticated": request.environ[ACCESS] is not None,
                "access": _word(request.environ[ACCESS]),
                "async_mode": settings.async_mode,
                "version": __version__,
                "host": host.health().to_wire(),
                "read_only": run_blocking(_is_read_only, settings.outputs_dir),
            }
        )

    return api


def _is_read_only(folder: Path) -> bool:
    return folder.is_dir() and not os.access(folder, os.W_OK)


def _word(access: Access | None) -> str | None:
    """Say what a client may do: ``edit``, or ``view``, which lets export, too."""
    return "edit" if access is Access.EDIT else access and "view"
