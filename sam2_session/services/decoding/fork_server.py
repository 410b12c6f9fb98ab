"""Starts decoder processes in milliseconds: one small process has imported all they need.

It has one thread and neither torch nor a model, so that a fork of it is whole. Its standard input
is a socket: ``fork NICENESS``, with the socket of the new process, gives its id, and ``reap PID``
its exit code. When that socket closes, every process is killed.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress

from sam2_session.runtime import Socket, adopt_socket, receive_descriptor
from sam2_session.services.decoding.decoder_process import serve

STDIN = 0


def main() -> None:
    """Serve until the other end of the socket is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = adopt_socket(STDIN)
    alive: set[int] = set()
    with suppress(ConnectionError):  # the one who asked has ended meanwhile
        _serve(control, alive)
    for pid in alive:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _serve(control: Socket, alive: set[int]) -> None:
    while True:
        text, descriptor = receive_descriptor(control)
        verb, _, number = text.decode().partition(" ")
        if verb == "fork" and descriptor is not None:
            pid = _fork(control, descriptor, int(number))
            alive.add(pid)
            control.send(str(pid).encode())
        elif verb == "reap":
            _, status = os.waitpid(int(number), 0)
            alive.discard(int(number))
            control.send(str(os.waitstatus_to_exitcode(status)).encode())
        else:
            return


def _fork(control: Socket, descriptor: int, niceness: int) -> int:
    pid = os.fork()
    if pid:
        os.close(descriptor)
        return pid
    code = 1
    try:
        control.close()
        os.open(os.devnull, os.O_RDONLY)  # takes the place of the standard input
        serve(adopt_socket(descriptor), niceness)
        code = 0
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
