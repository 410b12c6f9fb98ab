"""Starts the server in a process of its own, which ends with this one, however this one ends."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from sam2_session.client.workspaces import Client
from sam2_session.core.errors import HostUnavailable
from sam2_session.folders import child_environment
from sam2_session.notebook.hints import hinted
from sam2_session.options import BY_NAME, InvalidSettings, parse_origin, parse_public_url
from sam2_session.runtime import Child, Lock, Socket, monotonic, reserve_port, sleep, socket_pair
from sam2_session.settings import Settings

LOOPBACK = "127.0.0.1"
START_S = 300.0  # the imports may come from a cold disk
STOP_S = 30.0
POLL_S = 0.1
LOG_LINES = 12  # of the log, in an error
LOG_BYTES = 64 * 1024
# The server is this process's alone: no .env or variable of the user's makes it another one.
OWN_OPTIONS = {"host": LOOPBACK, "stop_with_stdin": True, "no_auth": False}
OWN_EMPTY = ("token_file", "tls_cert", "tls_key")
PORT_SIGN = "{port}"  # in a public URL


class BackgroundServer:
    """A server over one folder, on loopback, with a token of its own."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Start it, and wait until it answers; `options` are those of docs/options.md.

        Raises `InvalidSettings`, or `HostUnavailable` with the end of the log.
        """
        self.options = dict(options)
        with _held_port(int(options.get("port", 0))) as holder:
            self.settings = _settings(options, int(holder.getsockname()[1]))
            self._log = TemporaryFile()  # noqa: SIM115 - open as long as the server runs
            try:
                self._start()
            except BaseException:
                self._log.close()
                raise

    @property
    def address(self) -> str:
        """Address at which this machine reaches it."""
        return f"http://{LOOPBACK}:{self.settings.port}"

    @property
    def is_running(self) -> bool:
        """Return whether its process is there."""
        return self._child.exit_code is None

    def log(self) -> str:
        """Read the end of what it wrote."""
        descriptor = self._log.fileno()
        start = max(0, os.fstat(descriptor).st_size - LOG_BYTES)
        text = os.pread(descriptor, LOG_BYTES, start).decode(errors="replace")
        return "\n".join(line for line in text.splitlines() if "#t=" not in line)  # no token

    def client(self) -> Client:
        """Make a client of it."""
        return Client(self.address, self.settings.token)

    def close(self) -> None:
        """End it; everything is stored already."""
        self._control.close()  # it stops as soon as its standard input ends
        if not self._child.wait(STOP_S):
            self._child.kill()
        self._log.close()

    def _start(self) -> None:
        self._control, stdin = socket_pair()
        command = [sys.executable, "-m", "sam2_session", "serve"]
        with stdin:
            environment = _environment(self.settings, self.options)
            self._child = Child(command, environment, stdin, self._log)
        try:
            self._wait_until_ready()
        except BaseException:  # also when the user interrupts the cell
            self.close()
            raise

    def _wait_until_ready(self) -> None:
        until_s = monotonic() + START_S
        with Client(self.address, self.settings.token, patience_s=0) as client:
            while (state := _state_of(client)) != "ready":
                if not self.is_running:
                    raise self._failed("The server ended as soon as it was started")
                if state == "restarting":
                    raise self._failed("The process with the model ends as soon as it starts")
                if monotonic() > until_s:
                    raise self._failed(f"The server did not start within {START_S:g} s")
                sleep(POLL_S)

    def _failed(self, what: str) -> HostUnavailable:
        """Describe why it did not start, with the end of its log."""
        shown = "\n".join(self.log().splitlines()[-LOG_LINES:]) or "It said nothing."
        return hinted(
            HostUnavailable(f"{what}:\n{shown}"),
            "Mend what it says and run the cell again; `sam2-session doctor` checks the rest.",
        )


class Servers:
    """The servers of this process, one for each folder: a cell that runs again finds its own."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._by_folder: dict[Path, BackgroundServer] = {}

    def has(self, folder: Path) -> bool:
        """Return whether the folder has a server that runs."""
        with self._lock:
            server = self._by_folder.get(folder)
            return server is not None and server.is_running

    def open(self, folder: Path, options: Mapping[str, Any]) -> BackgroundServer:
        """Give the folder's server; starts it if there is none. Raises as `BackgroundServer`."""
        with self._lock:
            server = self._by_folder.get(folder)
            if server is not None and not server.is_running:  # somebody killed it
                server.close()
            elif server is not None:
                if server.options != dict(options):
                    raise InvalidSettings(
                        f"A server with other options runs for {folder}.",
                        hint="Close what annotate() returned before, app.close(), then try again.",
                    )
                return server
            self._by_folder[folder] = server = BackgroundServer(options)
            return server

    def close(self, server: BackgroundServer) -> None:
        """End a server."""
        with self._lock:
            self._by_folder = {k: v for k, v in self._by_folder.items() if v is not server}
            server.close()


def _held_port(port: int) -> Socket:
    try:
        return reserve_port(LOOPBACK, port)
    except (OSError, OverflowError) as error:
        raise InvalidSettings(
            f"Port {port} cannot be used: {getattr(error, 'strerror', None) or error}.",
            hint="Leave `port` out to take a free one, or stop the program that uses it.",
        ) from error


def _settings(options: Mapping[str, Any], port: int) -> Settings:
    """Check the options of a server on a port. Raises `InvalidSettings`."""
    unknown = sorted(set(options) - set(BY_NAME))
    if unknown:
        raise InvalidSettings(
            f"There is no option {unknown[0]!r}.", hint="docs/options.md lists them."
        )
    taken = sorted(set(options) & {*OWN_OPTIONS, *OWN_EMPTY})
    if taken:
        raise InvalidSettings(
            f"`{taken[0]}` cannot be chosen in a notebook: its server is for this notebook alone.",
            hint="Start `sam2-session` in a terminal for others, and use Client in the notebook.",
        )
    public_url = str(options.get("public_url", "")).replace(PORT_SIGN, str(port))
    values: dict[str, Any] = {**options, **OWN_OPTIONS, "port": port}
    settings = Settings(**{**values, "public_url": parse_public_url(public_url)})
    origins = [parse_origin(text) for text in settings.embed_origin]
    token = settings.token or secrets.token_urlsafe(32)
    return replace(settings, token=token, embed_origin=tuple(origins))


def _environment(settings: Settings, options: Mapping[str, Any]) -> dict[str, str]:
    """Write what was chosen as environment variables, which win over .env; it hides the token."""
    names = {*options, *OWN_OPTIONS, "port", "token", "public_url", "embed_origin"}
    chosen = {BY_NAME[name].variable: _text(getattr(settings, name)) for name in names}
    empty = {BY_NAME[name].variable: "" for name in OWN_EMPTY}
    return {**child_environment(), **empty, **chosen}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return ",".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def _state_of(client: Client) -> str:
    try:
        return client.state()
    except HostUnavailable:
        return "away"
