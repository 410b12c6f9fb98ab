"""Builds the server: makes every object once and gives each its collaborators."""

from __future__ import annotations

import dataclasses
import logging
import secrets
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sam2_session.core.errors import SessionError
from sam2_session.core.events import EventName
from sam2_session.folders import COMMAND, make_videos_folder
from sam2_session.hosts.base import DEFAULT_FACTORY, GATEWAY_FACTORY, Host, load_factory
from sam2_session.hosts.inline import InlineHost
from sam2_session.hosts.process import ProcessHost
from sam2_session.models.registry import Registry
from sam2_session.runtime import (
    Signal,
    Socket,
    StopSignals,
    lan_address,
    listen_tcp,
    sleep,
    spawn,
    wait_for_end_of_stdin,
)
from sam2_session.settings import Settings, parse_settings
from sam2_session.web.tls import Certificate, read_certificate

if TYPE_CHECKING:
    from sam2_session.web.app import WebApp

ANY_ADDRESS = ("", "0.0.0.0", "::")  # noqa: S104 - compared with, not bound to


@dataclass(frozen=True, slots=True)
class App:
    """A server that is ready to run."""

    settings: Settings
    host: Host
    web: WebApp
    certificate: Certificate | None = None

    def run(self, listener: Socket) -> None:
        """Serve until Ctrl+C or SIGTERM, then close everything."""
        stop = StopSignals()
        spawn(self._serve, listener, stop, name="web-server")
        if self.settings.stop_with_stdin:
            spawn(_stop_with_stdin, stop, name="stdin-watch")
        _say("Starting. The URL follows.")
        spawn(self._announce, listener.getsockname()[1], name="announcement")
        stop.wait()
        self.close()

    def url(self, port: int, token: str = "") -> str:
        """URL to open in a browser; the token is in the fragment, which is never sent."""
        address = self.settings.public_url or self._address(port)
        return f"{address}/" + (f"#t={token or self.settings.token}" if self._has_token else "")

    def close(self) -> None:
        """End the session process."""
        self.web.sockets.stop()
        self.host.close()

    def _address(self, port: int) -> str:
        host = self.settings.host
        name = lan_address() if host in ANY_ADDRESS else f"[{host}]" if ":" in host else host
        return f"{'https' if self.certificate else 'http'}://{name}:{port}"

    @property
    def _has_token(self) -> bool:
        return bool(self.settings.token) and not self.settings.no_auth

    def _announce(self, port: int) -> None:
        """Print the URLs once requests are answered; until then, why they are not."""
        if not self._wait_until_ready():
            return
        _say(f"Ready to open: {self.url(port)}")
        if self.settings.view_token:
            _say(f"To look and export only: {self.url(port, self.settings.view_token)}")
        if self.settings.public_url:
            _say(f"The proxy finds it at: {self._address(port)}")

    def _wait_until_ready(self) -> bool:
        """Wait for the session process; return False if the server ended before."""
        changed, told = Signal(), ""
        unsubscribe = self.host.subscribe(
            lambda event: changed.set() if event.name is EventName.HOST_STATE else None
        )
        while (health := self.host.health()).state not in ("ready", "closed"):
            if health.detail not in ("", told):
                told = health.detail
                sys.stderr.write(f"Not ready yet, it is tried again: {told}\n")
            changed.wait()
            changed.clear()
        unsubscribe()
        return health.state == "ready"

    def _serve(self, listener: Socket, stop: StopSignals) -> None:
        from sam2_session.web.serving import serve

        try:
            serve(
                self.web.guard,
                listener,
                self.settings.async_mode,
                max_clients=self.settings.max_clients,
                certificate=self.certificate,
            )
        finally:
            stop.stop()


def _stop_with_stdin(stop: StopSignals) -> None:
    wait_for_end_of_stdin()
    stop.stop()


def build_app(
    settings: Settings,
    *,
    factory: str = DEFAULT_FACTORY,
    certificate: Certificate | None = None,
) -> App:
    """Build the server; `factory` names the function that builds the services.

    The modules of the web process are imported while the session process imports its own.
    """
    settings = with_token(settings)
    host: Host
    if settings.engine == "inline":
        host = InlineHost(load_factory(factory)(settings))
    else:
        host = ProcessHost(
            settings, factory=GATEWAY_FACTORY if settings.engine == "ray" else factory
        )
    sleep(0)  # a green thread starts the session process only when it gets its turn
    from sam2_session.web.app import create_app

    return App(settings, host, create_app(host, settings), certificate)


def with_token(settings: Settings) -> Settings:
    """Make a token if other machines can reach the server and none is set."""
    if settings.token or not settings.needs_token:
        return settings
    return dataclasses.replace(settings, token=secrets.token_urlsafe(32))


def main(argv: Sequence[str], environ: Mapping[str, str], *, factory: str = DEFAULT_FACTORY) -> int:
    """Run the server; return the process's exit code."""
    settings = parse_settings(argv, environ)
    logging.basicConfig(
        level=settings.log_level.upper(),
        stream=sys.stderr,
        format="%(levelname)s %(name)s: %(message)s",
    )
    try:
        Registry.load(settings.configs_dir).get(settings.model)
        certificate = read_certificate(settings.tls_cert, settings.tls_key)
    except SessionError as error:  # before starting anything that would fail on it
        sys.stderr.write(f"{error.message} {error.hint}\n")
        return 2
    try:
        listener = listen_tcp(settings.host, settings.port)
    except OSError as error:
        sys.stderr.write(_cannot_listen(settings, error) + "\n")
        return 1
    try:
        if make_videos_folder(settings.videos_dir):
            _say(f"Made {settings.videos_dir} with a demo clip in it.")
    except OSError as error:
        listener.close()
        sys.stderr.write(_cannot_make_folder(settings, error) + "\n")
        return 1
    build_app(settings, factory=factory, certificate=certificate).run(listener)
    return 0


def _cannot_listen(settings: Settings, error: OSError) -> str:
    where = f"{settings.host}:{settings.port}"
    return (
        f"Cannot listen on {where}: {error.strerror}. Stop the program that uses it, "
        f"or choose another port: {COMMAND} --port {settings.port + 1}"
    )


def _cannot_make_folder(settings: Settings, error: OSError) -> str:
    return (
        f"Cannot make {settings.videos_dir}: {error.strerror}. Start where you may write, "
        "or name folders with --videos-dir and --outputs-dir."
    )


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
