"""The only home of eventlet, threading, queues, sockets and child processes.

In the web process under ``--async-mode eventlet`` the standard library is monkey-patched before
this module is imported, so the same names mean green threads there and real threads elsewhere.
"""

from __future__ import annotations

import ctypes
import gc
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence, Set
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for_futures
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NoReturn, Protocol, TypeVar

from sam2_session import lock_order

T = TypeVar("T")

Lock = threading.Lock
RLock = threading.RLock
Condition = threading.Condition
BoundedSemaphore = threading.BoundedSemaphore
Signal = threading.Event  # a flag to wait for; not a `core.events.Event`
Thread = threading.Thread
ThreadLocal = threading.local
Queue = queue.Queue
PriorityQueue = queue.PriorityQueue
QueueEmpty = queue.Empty
QueueFull = queue.Full
ThreadPool = ThreadPoolExecutor
Socket = socket.socket
BACKGROUND_NICENESS = 10  # of at most 19
EXIT_DISK = 70  # sysexits: internal error; the host then starts a fresh process
monotonic = time.monotonic
thread_id = threading.get_ident
sleep = time.sleep

if os.environ.get(lock_order.VARIABLE):  # the debug build
    globals().update(lock_order.checked())

STDIN = 0  # its descriptor
COLLECT_AFTER = (700, 10, 100)  # objects, young collections, and those between two full ones
TCP_BACKLOG = 128
PEER_SILENCE_MS = 30_000  # bytes unacknowledged for this long break the connection

__all__ = [
    "BoundedSemaphore",
    "Child",
    "Condition",
    "DaemonThread",
    "Future",
    "Lock",
    "PriorityQueue",
    "Queue",
    "QueueEmpty",
    "QueueFull",
    "RLock",
    "Signal",
    "Socket",
    "StopSignals",
    "Thread",
    "ThreadLocal",
    "ThreadPool",
    "adopt_socket",
    "connect_unix",
    "host_names",
    "is_green",
    "lan_address",
    "listen_tcp",
    "listen_unix",
    "lower_priority",
    "mark_response_sent",
    "monotonic",
    "receive_descriptor",
    "reserve_port",
    "run_blocking",
    "send_descriptor",
    "serve_green",
    "shut_down",
    "sleep",
    "socket_pair",
    "spawn",
    "thread_id",
    "usable_cores",
    "wait_for_end_of_stdin",
    "wait_for_one",
]


class DaemonThread(threading.Thread):
    """A thread that never keeps the process alive."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.daemon = True


def spawn(target: Callable[..., Any], *args: Any, name: str) -> threading.Thread:
    """Start a daemon thread (a green one in a monkey-patched process)."""
    thread = threading.Thread(target=target, args=args, name=name, daemon=True)
    thread.start()
    return thread


def is_green() -> bool:
    """Return whether this process runs on eventlet's hub."""
    eventlet = sys.modules.get("eventlet")
    return eventlet is not None and bool(eventlet.patcher.is_monkey_patched("socket"))


def run_blocking(function: Callable[..., T], *args: Any) -> T:
    """Run a function in a real thread and wait, for disk and C code that would block the hub."""
    if not is_green():
        return function(*args)
    from eventlet import tpool

    answer: T = tpool.execute(function, *args)
    return answer


def listen_tcp(host: str, port: int) -> Socket:
    """Listen on TCP; accepted sockets send without delay and notice a vanished peer.

    Raises OSError if the address is not available.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # all three are inherited by accepted sockets on Linux
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, PEER_SILENCE_MS)
        listener.bind(address)
        listener.listen(TCP_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def reserve_port(host: str, port: int) -> Socket:
    """Hold a port for a child that will listen on it, a free one for 0: no one else gets it.

    Raises OSError if somebody listens there.
    """
    holder = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # lets the child bind, too
        holder.bind((host, port))
    except OSError:
        holder.close()
        raise
    return holder


def listen_unix(path: Path) -> Socket:
    """Listen on an AF_UNIX socket for one peer."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen(1)
    return listener


def connect_unix(path: Path) -> Socket:
    """Connect to a socket of `listen_unix`."""
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    peer.connect(str(path))
    return peer


def socket_pair(*, whole_messages: bool = False) -> tuple[Socket, Socket]:
    """Make two connected sockets: of bytes, or of messages that arrive as they were sent."""
    kind = socket.SOCK_SEQPACKET if whole_messages else socket.SOCK_STREAM
    return socket.socketpair(socket.AF_UNIX, kind)


def adopt_socket(descriptor: int) -> Socket:
    """Make a socket of an inherited or received descriptor."""
    return socket.socket(fileno=descriptor)


def send_descriptor(peer: Socket, text: bytes, passed: Socket | None = None) -> None:
    """Send a short message, and with it a socket that the receiver then has, too."""
    socket.send_fds(peer, [text], [passed.fileno()] if passed else [])


def receive_descriptor(peer: Socket) -> tuple[bytes, int | None]:
    """Receive what `send_descriptor` sent; no bytes once the peer has gone."""
    text, descriptors, _, _ = socket.recv_fds(peer, 64, 1)
    return text, descriptors[0] if descriptors else None


class HasShutdown(Protocol):
    """A socket, or what stands in for one."""

    def shutdown(self, how: int, /) -> None: ...


def shut_down(peer: HasShutdown) -> None:
    """Shut down both directions, waking threads blocked on the socket; never raises."""
    with suppress(OSError):
        peer.shutdown(socket.SHUT_RDWR)


def lan_address() -> str:
    """Guess the address that other machines reach this one by, without sending a packet."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("10.253.155.219", 9))  # any private address: only routed, never sent to
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def host_names() -> frozenset[str]:
    """Names of this machine on the network."""
    name = socket.gethostname().lower()
    return frozenset({name, socket.getfqdn().lower(), f"{name}.local"} - {""})


class Child:
    """A child process in a process group of its own; it inherits only stdout and stderr.

    `control`, if there is one, becomes its standard input; `log`, a file, gets what it writes.
    """

    def __init__(
        self,
        args: Sequence[str],
        env: Mapping[str, str],
        control: Socket | None = None,
        log: IO[bytes] | None = None,
    ) -> None:
        stdin = subprocess.DEVNULL if control is None else control.fileno()
        self._process = subprocess.Popen(
            args, env=dict(env), stdin=stdin, stdout=log, stderr=log, start_new_session=True
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        return self._process.poll()

    def wait(self, timeout_s: float) -> bool:
        """Wait at most `timeout_s`; return whether the process has ended."""
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal to the child alone."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """Kill the whole group and reap the child."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


class StopSignals:
    """Waits for Ctrl+C or SIGTERM; must be made in the main thread.

    The handlers do nothing: the interpreter writes the signal's number to a socket, which wakes a
    green hub and a blocked thread alike. An exception from a handler could surface anywhere.
    """

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair()
        self._writer.setblocking(False)
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)

    def wait(self) -> None:
        """Block until the first signal, or `stop`."""
        self._reader.recv(1)

    def stop(self) -> None:
        """Wake `wait` from another thread."""
        with suppress(OSError):
            self._writer.send(b"\0")


def serve_green(
    listener: Any,
    app: Any,
    *,
    connection_key: str,
    scheme: str,
    max_connections: int,
    timeout_s: float,
) -> None:
    """Serve a WSGI application on eventlet's hub until the listener is closed.

    What the listener accepts is in `environ`, under `connection_key`.
    """
    from eventlet import wsgi

    class QuietProtocol(wsgi.HttpProtocol):  # type: ignore[misc]
        def get_environ(self) -> Any:
            environ = super().get_environ()
            environ[connection_key] = self.connection
            return environ

        def log_message(self, *args: Any) -> None:
            """Log nothing about malformed requests."""

    wsgi.server(
        listener,
        app,
        protocol=QuietProtocol,
        environ={"wsgi.url_scheme": scheme},
        max_size=max_connections,
        keepalive=timeout_s,
        minimum_chunk_size=1,  # an event goes out at once
        socket_timeout=timeout_s,
        log_output=False,
        debug=False,
    )


def mark_response_sent() -> None:
    """Tell eventlet's server that somebody else answers on the request's socket."""
    from eventlet import wsgi

    wsgi.WSGI_LOCAL.already_handled = True


def wait_for_one(futures: Set[Future[T]], timeout_s: float) -> set[Future[T]]:
    """Wait until one has ended, or for a time; return those that have."""
    return wait_for_futures(futures, timeout_s, FIRST_COMPLETED).done


def wait_for_end_of_stdin() -> None:
    """Block until standard input ends; what comes in is dropped."""
    with suppress(OSError):  # it is closed
        while run_blocking(os.read, STDIN, 4096):
            pass


def usable_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0))


def lower_priority(niceness: int = BACKGROUND_NICENESS) -> None:
    """Lower the priority of this thread and those it starts, for work that nobody waits for."""
    thread = threading.get_native_id()
    now = os.getpriority(os.PRIO_PROCESS, thread)
    os.setpriority(os.PRIO_PROCESS, thread, max(now, niceness))


def give_back_memory() -> None:
    """Return freed memory to the system, where the C library keeps it behind what is in use."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc
    if trim is not None:
        trim(0)


def exempt_from_collection() -> None:
    """Collect garbage, and leave what remains out of every later collection.

    Python's collector looks at all objects again and again while many are made, and libraries and
    networks hold a million that stay: packing 80,000 masks took twice as long. Full collections,
    which hold up every thread, become a tenth as frequent.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


def stop_at_once() -> NoReturn:
    """End the process without clean-up: after a lost write nothing may be acknowledged."""
    os._exit(EXIT_DISK)
