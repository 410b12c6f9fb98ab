"""Rubbish in fields of routes and events, and raw bytes, against a whole server in both modes."""

from __future__ import annotations

import copy
import json
import random
import socket
import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from tests.annotating import make_moving_clip
from tests.browser.server import LiveServer
from tests.journeys import disk
from tests.journeys.test_hostile_events import GOOD, RUBBISH
from tests.siege.attack import Answer, Attack, request
from tests.sockets import SimpleClient
from tests.workspace_dirs import WorkspaceDirs

MODES = ("eventlet", "threading")
NOT_ASKED = ("/api/events", "/select", "/frames.zip")  # endless, slow, or a download
TEXTS = ["%00", "..%2f..%2fetc%2fpasswd", "-1", "9" * 30, "1e400", "%F0%9F%92%A9", "a" * 3000, "''"]
HEADS = [
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n",
    b"POST /api/videos HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n",
    b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\n",
]
ACK_S = 60
PEOPLE = 4  # who attack at once: most of the time each waits for an answer
AT_ONCE = 400
Route = tuple[str, str, Any]


def attack(run: Attack) -> None:
    """Send half of the inputs to each mode; after them it must serve, with a whole database."""
    for half, mode in enumerate(MODES):
        dirs = WorkspaceDirs.made_in(run.folder / mode)
        make_moving_clip(dirs.videos / "clip.mp4")
        log = run.folder / f"{mode}.log"
        with LiveServer(dirs, log, "--async-mode", mode) as server:
            _attack_mode(run, server, until=run.count * (half + 1) // len(MODES))
            run.check(server.is_running, f"{mode}: the web process ended")
            answer = request(server, "GET", "/api/videos")
            run.check(answer.status == 200, f"{mode}: /api/videos answers {answer.status} after")
            if (dirs.outputs / "clip" / "session.sqlite3").exists():  # it may have been deleted
                disk.until_whole(dirs.outputs / "clip")
        wrong = [line for line in log.read_text(errors="replace").splitlines() if _is_wrong(line)]
        run.found += [f"{mode}: log: {line}"[:300] for line in sorted(set(wrong))[:20]]


def _is_wrong(line: str) -> bool:
    return line.startswith(("ERROR", "CRITICAL", "Traceback"))


def _attack_mode(run: Attack, server: LiveServer, until: int) -> None:
    document = request(server, "GET", "/api/openapi.json").json
    routes = [
        (method, path, details)
        for path, methods in sorted(document["paths"].items())
        for method, details in sorted(methods.items())
        if not path.endswith(NOT_ASKED)
    ]
    with ThreadPoolExecutor(PEOPLE) as people:
        while run.done < until:
            count = min(AT_ONCE, until - run.done)
            shares = [len(range(number, count, PEOPLE)) for number in range(PEOPLE)]
            parts = [
                replace(run, count=share, dice=random.Random(run.dice.random()), done=0)
                for share in shares
            ]
            list(people.map(partial(_attack_alone, server, routes), parts, range(PEOPLE)))
            run.done += count


def _attack_alone(server: LiveServer, routes: list[Route], run: Attack, number: int) -> None:
    """Send a share of the inputs, one after the other, while others send theirs."""
    client = _connected(server)
    name = f"eve{number}-{run.dice.random()}"
    for _ in range(run.count):
        kind = run.dice.random()
        if kind < 0.6:
            _send_request(run, server, *run.dice.choice(routes))
        elif kind < 0.9:
            client = _send_event(run, server, client, name)
        else:
            _send_bytes(run, server)
        run.done += 1
    client.disconnect()


def _send_request(run: Attack, server: LiveServer, method: str, path: str, about: Any) -> None:
    dice = run.dice
    good = {"video_id": "clip", "instance_id": "1", "region": "overall", "frame_idx": "0"}
    words = [
        (dice.choice(TEXTS) if dice.random() < 0.3 else good.get(word[1:-1].split(".")[0], "x"))
        if word.startswith("{")
        else word
        for word in path.split("/")
    ]
    query = f"?{urllib.parse.quote(dice.choice(TEXTS))}=1" if dice.random() < 0.2 else ""
    body: Any = None
    if "requestBody" in about or dice.random() < 0.1:
        names = _fields(about) or ["points", "frames"]
        body = {name: _rubbish(dice) for name in names if dice.random() < 0.7}
        body = json.dumps(body, default=str).encode() if dice.random() < 0.9 else b"{\xff[" * 9
    answer = request(server, method.upper(), "/".join(words) + query, body)
    run.check(answer.is_clean, f"{method} {'/'.join(words)}{query} {body!r:.200}: {_told(answer)}")


def _told(answer: Answer) -> str:
    return f"{answer.status} {answer.body[:200]!r}"


def _fields(about: Any) -> list[str]:
    text = json.dumps(about.get("requestBody", {}))
    with suppress(ValueError, KeyError):
        return list(json.loads(text)["content"]["application/json"]["schema"]["properties"])
    return []


def _rubbish(dice: random.Random) -> Any:
    value = copy.deepcopy(dice.choice(RUBBISH))
    return str(value) if isinstance(value, bytes) else value


def _send_event(
    run: Attack, server: LiveServer, client: SimpleClient, client_id: str
) -> SimpleClient:
    event = run.dice.choice(sorted(GOOD))
    data: Any = {"client_id": client_id, "seq": run.done + 1, **copy.deepcopy(GOOD[event])}
    for name in run.dice.sample(sorted(data), run.dice.randint(1, 2)):
        data[name] = _rubbish(run.dice)
    try:
        ack = client.call(event, _sendable(data), timeout=ACK_S)
    except Exception as error:  # noqa: BLE001 - a cut connection is one too many
        run.found.append(f"event {event} {data!r:.200}: {error!r}")
        return _connected(server)
    code = (ack.get("error") or {}).get("code") if isinstance(ack, dict) else "no ack"
    run.check(
        code not in ("internal_error", "no ack"), f"event {event} {data!r:.200}: {ack!r:.200}"
    )
    return client


def _sendable(value: Any) -> Any:
    """Take out lone surrogates, and numbers that JSON cannot write."""
    return json.loads(json.dumps(value, default=str).encode("utf-8", "replace"), parse_constant=str)


def _send_bytes(run: Attack, server: LiveServer) -> None:
    noise = run.dice.randbytes(run.dice.randint(1, 3000))
    head = run.dice.choice([b"", *HEADS])
    with suppress(OSError), socket.create_connection(("127.0.0.1", server.port), 10) as peer:
        peer.sendall(head + noise)
        peer.settimeout(0.05)
        got = peer.recv(4096)
        run.check(not got.startswith(b"HTTP/1.1 500"), f"{(head + noise)[:100]!r}: {got[:200]!r}")


def _connected(server: LiveServer) -> SimpleClient:
    client = SimpleClient(reconnection=False)
    client.connect(server.url, transports=["websocket"], wait_timeout=ACK_S)
    return client
