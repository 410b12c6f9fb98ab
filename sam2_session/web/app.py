"""Builds the web application: all routes, Socket.IO, and the guard in front of both."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from flask import Flask
from flask_socketio import SocketIO

from sam2_session.folders import RESOURCES
from sam2_session.hosts.base import Host
from sam2_session.runtime import host_names
from sam2_session.settings import Settings
from sam2_session.web.api.events import events_api
from sam2_session.web.api.health import health_api
from sam2_session.web.api.page import page_api
from sam2_session.web.api.session import session_api
from sam2_session.web.credentials import Credentials
from sam2_session.web.errors import install_error_handlers
from sam2_session.web.event_streams import EventStreams
from sam2_session.web.guard import Guard
from sam2_session.web.origins import AllowedHosts
from sam2_session.web.packets import BoundedPacket
from sam2_session.web.page_files import PageFiles
from sam2_session.web.public_address import PublicAddress
from sam2_session.web.rest import add_operations
from sam2_session.web.routes import (
    IndexConverter,
    WebFlask,
    check_all_declared,
    declared_access,
)
from sam2_session.web.sockets import SocketBridge
from sam2_session.web.strict_json import StrictJson
from sam2_session.web.upload_slots import UploadSlots
from sam2_session.web.websocket import install_driver

MAX_MESSAGE_BYTES = 262_144
PING_INTERVAL_S, PING_TIMEOUT_S = 10, 20


@dataclass(frozen=True, slots=True)
class WebApp:
    """The guarded WSGI application, with the objects it is made of."""

    flask: Flask
    socketio: SocketIO
    guard: Guard
    sockets: SocketBridge


def create_app(host: Host, settings: Settings) -> WebApp:
    """Build the application. Raises UndeclaredRoute, DriverMoved."""
    app = WebFlask(__name__, template_folder=str(RESOURCES / "templates"), static_folder=None)
    app.url_map.converters["index"] = IndexConverter
    tokens = ("", "") if settings.no_auth else (settings.token, settings.view_token)
    credentials = Credentials(*tokens)
    socketio = _make_socketio(app, settings)
    sockets = SocketBridge(socketio, host, credentials)
    _add_routes(app, host, settings, credentials, sockets)
    install_error_handlers(app)
    check_all_declared(app)
    public = PublicAddress.of(settings.public_url)
    guard = Guard(
        app.wsgi_app,
        hosts=_allowed_hosts(settings, public),
        public=public,
        credentials=credentials,
        declared_access=lambda environ: declared_access(app, environ),
        allowed_origins=settings.allowed_origin,
    )
    app.wsgi_app = guard  # type: ignore[method-assign]
    return WebApp(app, socketio, guard, sockets)


def _make_socketio(app: Flask, settings: Settings) -> SocketIO:
    quiet = logging.getLogger("sam2_session.web.protocol")
    quiet.setLevel(logging.CRITICAL)  # below that, it logs only the mistakes of clients
    socketio = SocketIO(
        app,
        async_mode=settings.async_mode,
        transports=["websocket"],
        async_handlers=False,  # keeps acknowledgements in order, and spares a thread per event
        max_http_buffer_size=MAX_MESSAGE_BYTES,
        ping_interval=PING_INTERVAL_S,
        ping_timeout=PING_TIMEOUT_S,
        cors_allowed_origins=[],  # the guard has checked the origin before
        serializer=BoundedPacket,
        json=StrictJson,
        logger=quiet,
        engineio_logger=quiet,
    )
    install_driver(socketio.server.eio, MAX_MESSAGE_BYTES, settings.max_clients)
    return socketio


def _add_routes(
    app: Flask, host: Host, settings: Settings, credentials: Credentials, sockets: SocketBridge
) -> None:
    uploads = UploadSlots(settings.max_uploads, settings.max_upload_bytes)
    add_operations(app, host, uploads)
    for api in (
        page_api(PageFiles(RESOURCES / "static"), settings.embed_origin),
        health_api(host, lambda: _use_of(settings, sockets, uploads)),
        events_api(host, EventStreams(host)),
        session_api(host, credentials, settings),
    ):
        app.register_blueprint(api)


def _use_of(settings: Settings, sockets: SocketBridge, uploads: UploadSlots) -> dict[str, int]:
    """Count what the web process limits, each with its limit."""
    return {
        "clients": sockets.count_clients(),
        "clients_limit": settings.max_clients,
        "uploads": uploads.taken,
        "uploads_limit": settings.max_uploads,
    }


def _allowed_hosts(settings: Settings, public: PublicAddress) -> AllowedHosts:
    names = {*settings.allowed_host, *filter(None, [public.host_name])}
    if not settings.is_loopback:
        names |= {settings.host, *host_names()}
    return AllowedHosts(names, loopback_only=settings.is_loopback)
