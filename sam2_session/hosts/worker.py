"""The session process: ``python -m sam2_session.hosts.worker --socket PATH`` serves one host.

It connects to the host, builds the services that the first message names, answers calls on real
threads, and ends with the connection. Every message is a dict with a ``kind``.
"""

from __future__ import annotations

import argparse
import faulthandler
import logging
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from sam2_session.breaks import share_interpreter
from sam2_session.core.errors import RemoteError, SessionError, TooLarge, error_fields
from sam2_session.core.events import Event, EventName
from sam2_session.hosts.base import Services, load_factory
from sam2_session.hosts.protocol import Channel
from sam2_session.loops import LOOPS, Loop, seen
from sam2_session.runtime import (
    Queue,
    QueueFull,
    Signal,
    ThreadPool,
    connect_unix,
    exempt_from_collection,
)
from sam2_session.settings import Settings

BEAT_S = 1.0
HUNG_S = 60.0  # after this without a heartbeat, print every stack and exit; needs no GIL
BUILD_S = 300.0  # the same while the services are built, since imports hold the GIL
CLOSE_S = 2.0
OUTGOING_FRAMES = 4096  # while the queue is full, senders wait for the host to read
INTERACTIVE_THREADS = 16  # a pool of their own, so that clicks never queue behind REST calls
OTHER_THREADS = 16
MODEL_JOB = "model_download"  # at its end a network has been loaded
INTERACTIVE_OPERATIONS = frozenset({"apply_op", "client_left"})

logger = logging.getLogger(__name__)


def run_operation(services: Services, operation: str, params: dict[str, Any]) -> Any:
    """Run an operation; log unexpected errors, and raise an ``internal_error`` in their place."""
    try:
        return services.handle(operation, params)
    except SessionError:
        raise
    except Exception as error:  # noqa: BLE001 - boundary: the error travels to the caller
        logger.exception("%s failed", operation)
        raise RemoteError(**error_fields(error)) from error


class Worker:
    """Serves one host until the connection ends."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._outgoing: Queue[dict[str, Any]] = Queue(OUTGOING_FRAMES)
        self._stopped = Signal()
        self._progress = 0  # counts answers and events; the host sees by it that work goes on

    def run(self) -> int:
        """Build the services and serve; return the process's exit code."""
        start = self._channel.receive()
        settings = Settings.from_wire(start["settings"])
        _log_to_stderr(settings.log_level)
        Loop(self._write, name="worker-writer")
        services = self._build(start["factory"], settings)
        if services is None:
            self._stopped.wait(CLOSE_S)  # the writer sends `failed`; the host hangs up
            return 1
        services.bus.subscribe(self._announce)
        exempt_from_collection()
        self._outgoing.put({"kind": "ready"})
        Loop(self._beat, name="worker-beat")
        self._serve(services)
        faulthandler.dump_traceback_later(CLOSE_S, exit=True)
        services.close()
        return 0

    def stop(self) -> None:
        """Hang up; `run` then ends as if the host had gone."""
        self._channel.hang_up()

    def _build(self, factory: str, settings: Settings) -> Services | None:
        faulthandler.dump_traceback_later(BUILD_S, exit=True)
        try:
            return load_factory(factory)(settings)
        except Exception as error:  # noqa: BLE001 - boundary: the host shows it and tries again
            logger.exception("the services cannot start")
            self._outgoing.put({"kind": "failed", "error": error_fields(error)})
            return None

    def _serve(self, services: Services) -> None:
        own = getattr(services, "call_threads", None)  # of those that wait for other machines
        interactive = ThreadPool(own or INTERACTIVE_THREADS, "interactive")
        other = ThreadPool(own or OTHER_THREADS, "operation")
        try:
            while (message := self._channel.receive())["kind"] == "call":
                pool = interactive if message["operation"] in INTERACTIVE_OPERATIONS else other
                pool.submit(seen(self._answer, "answer"), services, message)
        except (EOFError, OSError):
            logger.debug("the host hung up")
        self._stopped.set()
        interactive.shutdown(wait=False, cancel_futures=True)
        other.shutdown(wait=False, cancel_futures=True)

    def _answer(self, services: Services, call: dict[str, Any]) -> None:
        answer: dict[str, Any] = {"kind": "answer", "id": call["id"]}
        try:
            answer["value"] = run_operation(services, call["operation"], call["params"])
        except SessionError as error:
            answer["error"] = error_fields(error)
        self._put(answer)

    def _announce(self, event: Event) -> None:
        self._put(
            {
                "kind": "event",
                "name": event.name,
                "data": event.data,
                "video_id": event.video_id,
                "to": event.to,
            }
        )
        if event.name == EventName.JOB_ENDED and event.data.get("kind") == MODEL_JOB:
            exempt_from_collection()

    def _put(self, message: dict[str, Any]) -> None:
        self._progress += 1
        self._outgoing.put(message)

    def _write(self) -> bool:
        try:
            self._send(self._outgoing.get())
        except OSError:
            self._stopped.set()
            return False
        return True

    def _send(self, message: dict[str, Any]) -> None:
        try:
            self._channel.send(message)
        except (TypeError, TooLarge) as error:  # not JSON, or too large
            logger.exception("cannot send %s", message["kind"])
            if message["kind"] == "answer":
                self._channel.send(
                    {"kind": "answer", "id": message["id"], "error": error_fields(error)}
                )

    def _beat(self) -> bool:
        if self._stopped.wait(BEAT_S):
            return False
        faulthandler.dump_traceback_later(HUNG_S, exit=True)
        beat = {"kind": "beat", "progress": self._progress, "stuck": LOOPS.stuck()}
        with suppress(QueueFull):  # the host is not reading now; it will, or it hangs up
            self._outgoing.put_nowait(beat)
        return True


def main(argv: list[str]) -> int:
    """Connect to the host, serve it, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--socket", type=Path, required=True)
    options = parser.parse_args(argv)
    faulthandler.enable()
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server handles Ctrl+C and ends this process
    share_interpreter()
    worker = Worker(Channel(connect_unix(options.socket)))
    signal.signal(signal.SIGTERM, lambda *_: worker.stop())
    return worker.run()


def _log_to_stderr(level: str) -> None:
    logging.basicConfig(
        level=level.upper(), stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s"
    )


if __name__ == "__main__":
    CODE = main(sys.argv[1:])
    logging.shutdown()
    os._exit(CODE)  # no need to wait for threads: everything acknowledged is on disk
