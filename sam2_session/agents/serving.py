"""Runs the tools for one agent: over its standard streams, or over HTTP on this machine."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn
from mcp.server.mcpserver import MCPServer

LOOPBACK = "127.0.0.1"
PATH = "/mcp"
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Message, Receive, Send], Awaitable[None]]


def serve_streams(server: MCPServer) -> None:
    """Serve the program that started this one, until it closes the streams."""
    server.run("stdio")


def serve_http(server: MCPServer, port: int, token: str) -> None:
    """Serve ``http://127.0.0.1:PORT/mcp`` to those who send the token, until interrupted."""
    app = with_token(server.streamable_http_app(streamable_http_path=PATH), token)
    uvicorn.run(app, host=LOOPBACK, port=port, log_level="warning")


def with_token(app: Asgi, token: str) -> Asgi:
    """Refuse requests without ``Authorization: Bearer TOKEN`` before they reach the app."""

    async def guarded(scope: Message, receive: Receive, send: Send) -> None:
        headers = dict(scope.get("headers") or ())
        given = headers.get(b"authorization", b"")
        if scope["type"] == "http" and not hmac.compare_digest(given, f"Bearer {token}".encode()):
            await send({"type": "http.response.start", "status": 401, "headers": []})
            await send({"type": "http.response.body", "body": b"The token is missing or wrong."})
            return
        await app(scope, receive, send)

    return guarded
