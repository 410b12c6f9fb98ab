"""Starting and stopping the server, and what its process is made of."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sam2_session.bootstrap import build_app
from sam2_session.settings import Settings
from sam2_session.startup import wanted_mode
from tests import processes
from tests.processes import is_alive
from tests.web.live import PATIENCE_S, ROOT, LiveServer, running_server, starting_server

AT_ONCE_S = 25  # a client that is waited for stays for 30
HEAVY = ("torch", "sam2", "cv2", "sqlite3", "av", "ray")
IMPORT_AND_LIST = """
import sys
from sam2_session import bootstrap
from sam2_session.web import app, serving
print(sorted(set({heavy!r}) & set(sys.modules)))
"""


def children(pid: int) -> list[int]:
    listed = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in listed.stdout.split()]


def ended_at_once(process: subprocess.Popen[str]) -> int:
    """Its exit code; time in which it computes, or waits for a core of a busy machine, is free."""
    pids = {process.pid, *children(process.pid)}
    began_s, busy_before_s = time.monotonic(), processes.busy_s(pids)
    busy_s = 0.0
    while process.poll() is None:
        busy_s = max(busy_s, processes.busy_s(pids) - busy_before_s)
        assert time.monotonic() - began_s - busy_s < AT_ONCE_S
        time.sleep(0.02)
    return process.returncode


def count(folder: Path) -> int:
    return len(list(folder.iterdir()))


def wait_until_gone(pid: int, timeout_s: float = PATIENCE_S) -> None:
    until_s = time.monotonic() + timeout_s
    while is_alive(pid):  # nobody need be there to bury it
        assert time.monotonic() < until_s, f"{pid} is still there"
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_server_and_its_session_process(
    own_server: LiveServer, number: signal.Signals
) -> None:
    own_server.request("GET", "/api/videos")
    [worker] = children(own_server.process.pid)

    with own_server.socket():
        own_server.process.send_signal(number)
        code = ended_at_once(own_server.process)

    assert code == 0
    assert not Path(f"/proc/{worker}").exists()
    assert own_server.log.read_text() == ""


def test_a_server_can_end_with_the_program_that_started_it(mode: str, tmp_path: Path) -> None:
    with running_server(tmp_path, "--async-mode", mode, "--stop-with-stdin") as live:
        live.request("GET", "/api/videos")
        [worker] = children(live.process.pid)
        assert live.process.stdin is not None

        live.process.stdin.write("not the end\n")
        live.process.stdin.flush()
        assert live.request("GET", "/healthz").status == 200
        live.process.stdin.close()  # as the kernel does for a program that was killed
        code = ended_at_once(live.process)

        assert code == 0
        assert not Path(f"/proc/{worker}").exists()
        assert live.log.read_text() == ""


def test_a_killed_server_leaves_no_session_process(own_server: LiveServer) -> None:
    own_server.request("GET", "/api/videos")
    [worker] = children(own_server.process.pid)

    own_server.process.kill()

    wait_until_gone(worker)


def test_a_signal_while_the_session_process_starts_ends_both(mode: str, tmp_path: Path) -> None:
    with starting_server(tmp_path, "--async-mode", mode) as live:
        assert live.stop() == 0


def test_it_is_ready_to_open_when_requests_are_answered(mode: str, tmp_path: Path) -> None:
    with running_server(tmp_path, "--async-mode", mode) as live:
        assert live.request("GET", "/readyz").status == 200  # as soon as the line is there


def test_a_session_process_that_never_starts_says_why(mode: str, tmp_path: Path) -> None:
    options = ("--async-mode", mode)
    with starting_server(tmp_path, *options, FACTORY="tests.web.nowhere:build") as live:
        until_s = time.monotonic() + PATIENCE_S
        while "Not ready yet, it is tried again: " not in live.log.read_text():
            assert time.monotonic() < until_s
            time.sleep(0.05)
        assert live.stop() == 0
        assert live.process.stdout is not None
        assert live.process.stdout.read() == ""


def test_a_taken_port_says_what_to_do(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run_server("--port", str(port))

    assert ended.returncode == 1
    assert f"Cannot listen on 127.0.0.1:{port}: Address already in use." in ended.stderr
    assert f"--port {port + 1}" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_unknown_model_lists_the_names_and_starts_nothing() -> None:
    ended = run_server("--model", "nope", "--port", "0")

    assert ended.returncode == 2
    assert "No model 'nope'. Choose one of: sam2.1_hiera_demo," in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--prot", "1"], "unrecognized arguments: --prot 1"),
        (["--port", "eighty"], "--port: 'eighty' is no whole number."),
        (["--host", "0.0.0.0", "--no-auth"], "--no-auth cannot go with --host 0.0.0.0"),
        (["--async-mode", "asyncio"], "choose one of eventlet, threading"),
    ],
)
def test_a_bad_option_ends_with_2_and_a_sentence(options: list[str], message: str) -> None:
    ended = run_server(*options)

    assert ended.returncode == 2
    assert message in ended.stderr


def run_server(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "server.py", *options]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )


def test_another_address_makes_a_token_and_prints_it_ready_to_open(
    mode: str, tmp_path: Path
) -> None:
    with running_server(tmp_path, "--async-mode", mode, "--host", "0.0.0.0") as live:
        refused = live.request("GET", "/api/videos").status
        opened = live.request("GET", "/api/videos", Authorization=f"Bearer {live.token}").status

    assert re.fullmatch(r"http://[\d.]+:\d+/#t=[\w-]{43}", live.url)
    assert (refused, opened) == (401, 200)


def test_the_token_can_come_from_the_environment(tmp_path: Path) -> None:
    with running_server(tmp_path, SAM2_SESSION_TOKEN="from-env") as live:  # noqa: S106
        assert live.token == "from-env"
        assert live.request("GET", "/api/videos").status == 401


def test_no_auth_on_loopback_ignores_the_token(tmp_path: Path) -> None:
    with running_server(tmp_path, "--token", "x", "--no-auth") as live:
        assert live.request("GET", "/api/videos").status == 200


def test_the_web_process_never_loads_what_blocks_or_weighs(server: LiveServer) -> None:
    with server.socket() as page:
        page.call("open_video", {"seq": 1, "video_id": "clip"})
        page.call("add_point", {"seq": 2, "key": {}, "frame_idx": 0})
    maps = Path(f"/proc/{server.process.pid}/maps").read_text()

    assert not re.search(r"libtorch|cv2|_sqlite3|libav|libsqlite", maps)


def test_composing_the_web_process_imports_nothing_heavy() -> None:
    code = IMPORT_AND_LIST.format(heavy=HEAVY)
    listed = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert listed.stdout.strip() == "[]"


def test_eventlet_patches_before_any_of_our_modules_load(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-X", "importtime", "server.py", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = [line.split("|")[-1].strip() for line in ended.stderr.splitlines() if "|" in line]

    before = loaded[: loaded.index("eventlet")]
    ours = [name for name in before if name.startswith(("sam2_session", "flask"))]

    names = ("startup", "core", "core.errors", "folders", "options", "option_files")
    assert ours == ["sam2_session", *(f"sam2_session.{name}" for name in names)]
    imported = before[: before.index(ours[-1])]
    assert not {"threading", "socket", "queue", "subprocess"} & set(imported)


@pytest.mark.parametrize(
    ("argv", "environ", "mode"),
    [
        ([], {}, "eventlet"),
        (["--async-mode", "threading"], {}, "threading"),
        (["--async-mode=threading"], {}, "threading"),
        (["--async-mode", "threading", "--async-mode=eventlet"], {}, "eventlet"),
        ([], {"SAM2_SESSION_ASYNC_MODE": "threading"}, "threading"),
        (["--async-mode", "eventlet"], {"SAM2_SESSION_ASYNC_MODE": "threading"}, "eventlet"),
        (["--async-mode"], {}, ""),
    ],
)
def test_the_async_mode_is_known_before_the_options_are_read(
    argv: list[str], environ: dict[str, str], mode: str
) -> None:
    assert wanted_mode(argv, environ) == mode


def test_nothing_is_printed_but_the_url(own_server: LiveServer) -> None:
    with own_server.socket() as page:
        page.call("look_at", {"seq": 1})
    own_server.request("GET", "/nothing")
    own_server.raw(b"nonsense\r\n\r\n")

    assert own_server.log.read_text() == ""
    assert own_server.stop() == 0
    assert own_server.process.stdout is not None
    assert own_server.process.stdout.read() == ""


def test_a_hundred_clients_come_and_go_without_a_trace(server: LiveServer) -> None:
    server.request("GET", "/api/videos")
    fds = Path(f"/proc/{server.process.pid}/fd")
    before = count(fds)
    for _ in range(100):
        with server.socket() as page:
            page.call("look_at", {"seq": 1})
    until_s = time.monotonic() + PATIENCE_S

    while count(fds) > before and time.monotonic() < until_s:
        time.sleep(0.05)

    assert count(fds) <= before


def test_the_services_can_run_in_this_process() -> None:
    settings = Settings(engine="inline", async_mode="threading")
    app = build_app(settings, factory="tests.web.services:build")

    answer = app.web.flask.test_client().get("/api/videos")

    assert (answer.status_code, app.host.health().state) == (200, "ready")
    app.close()
