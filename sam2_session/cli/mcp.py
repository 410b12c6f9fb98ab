"""The command ``mcp``: a door for agents to a running server."""

from __future__ import annotations

import argparse
from typing import Any

from sam2_session.cli.options import Opener, add_where
from sam2_session.core.errors import InvalidRequest

INSTALL = "Install it with: pip install -r requirements-mcp.txt (or: sam2-session[mcp])."


def add_mcp(commands: Any) -> None:
    """Add the command ``mcp``."""
    parser = commands.add_parser(
        "mcp", help="let an agent annotate on a running server (Model Context Protocol)"
    )
    parser.add_argument("--name", default="Agent", help="the name people see [Agent]")
    parser.add_argument(
        "--http-port", type=int, help="serve on 127.0.0.1 with the token, not on standard streams"
    )
    add_where(parser)
    parser.set_defaults(run=mcp)


def mcp(args: argparse.Namespace, connect: Opener) -> int:
    """Serve the tools until the agent leaves. Raises InvalidRequest."""
    if not args.url:
        hint = "Start the server, then give its address: --url http://127.0.0.1:8000"
        raise InvalidRequest("An agent works on a running server, where people see it.", hint=hint)
    address, _, fragment = args.url.partition("#t=")
    token = connect.settings.token or fragment
    if args.http_port is not None and not token:
        raise InvalidRequest(
            "--http-port needs a token, so that no other program on this machine gets in.",
            hint="Start the server with --token, and give the same one here.",
        )
    try:
        from sam2_session.agents.agent_tools import make_server
        from sam2_session.agents.serving import serve_http, serve_streams
        from sam2_session.agents.visitor import Visitor
    except ImportError as error:  # an optional extra
        raise InvalidRequest(f"A package is missing: {error.name}.", hint=INSTALL) from error
    with Visitor(address, token, args.name) as visitor:
        visitor.client.videos()  # says now if the server or the token is wrong
        server = make_server(visitor)
        if args.http_port is None:
            serve_streams(server)
        else:
            serve_http(server, args.http_port, token)
    return 0
