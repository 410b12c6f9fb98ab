"""The only home of eventlet, threading, queues, sockets and child processes.

In the web process under ``--async-mode eventlet`` the standard library is monkey-patched before this
module is imported, so the same names are green there and real threads everywhere else.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

Lock = threading.Lock
RLock = threading.RLock
Condition = threading.Condition
Signal = threading.Event  # a flag to wait for; `core.events.Event` is a fact
Queue = queue.Queue
PriorityQueue = queue.PriorityQueue
QueueEmpty = queue.Empty
QueueFull = queue.Full
Thread = threading.Thread
ThreadPool = ThreadPoolExecutor
monotonic = time.monotonic
sleep = time.sleep

__all__ = [
    "Condition",
    "Future",
    "Lock",
    "PriorityQueue",
    "Queue",
    "QueueEmpty",
    "QueueFull",
    "RLock",
    "Signal",
    "Thread",
    "ThreadPool",
    "monotonic",
    "sleep",
    "spawn",
]


def spawn(target: Callable[..., Any], *args: Any, name: str) -> threading.Thread:
    """Start a daemon thread (a green one in a monkey-patched process)."""
    thread = threading.Thread(target=target, args=args, name=name, daemon=True)
    thread.start()
    return thread
