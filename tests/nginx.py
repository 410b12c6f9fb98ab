"""A real nginx in front of a server: with TLS, under a prefix, with and without the Host header.

And in front of several web processes, by the configuration of the documentation.
"""

from __future__ import annotations

import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.processes import free_port

PATIENCE_S = 120.0
PLACES = ("/usr/sbin/nginx", "/usr/local/sbin/nginx")  # not in everybody's PATH
CLUSTER_CONFIG = Path(__file__).parents[1] / "docs/nginx-cluster.conf"
BEGINNING = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  scgi_temp_path {folder}/scgi;
  uwsgi_temp_path {folder}/uwsgi;
"""
AROUND = f"""{BEGINNING}
  include {{folder}}/cluster.conf;
}}}}
"""
CONFIG = (
    BEGINNING
    + """
  client_max_body_size 0;
  map $http_upgrade $connection_upgrade {{ default upgrade; '' close; }}
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {folder}/cert.pem;
    ssl_certificate_key {folder}/key.pem;
    location {prefix}/ {{
      proxy_pass http://127.0.0.1:{upstream}{path};
      proxy_http_version 1.1;
      {host}
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_read_timeout 1h;
    }}
  }}
}}
"""
)


@dataclass(frozen=True)
class Site:
    """Set-up of nginx; `url` goes to --public-url."""

    port: int
    prefix: str = ""
    removes_prefix: bool = False
    passes_host: bool = True

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}{self.prefix}"

    def write(self, folder: Path, upstream: int) -> str:
        """The configuration, in front of a server on the port `upstream`."""
        return CONFIG.format(
            folder=folder,
            port=self.port,
            upstream=upstream,
            prefix=self.prefix,
            path="/" if self.removes_prefix else "",
            host="proxy_set_header Host $http_host;" if self.passes_host else "",
        )


def find_nginx() -> str:
    """The nginx of this machine; the test is skipped where there is none."""
    found = shutil.which("nginx") or next((p for p in PLACES if Path(p).is_file()), None)
    if found is None:
        pytest.skip("no nginx here: apt-get install nginx-light")
    return found


def new_site(prefix: str = "", *, removes_prefix: bool = False, passes_host: bool = True) -> Site:
    """A site on a free port."""
    return Site(free_port(), prefix, removes_prefix, passes_host)


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for localhost, and its key."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    command = [
        *("openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=localhost"),
        *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
        *("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
        *("-keyout", str(key), "-out", str(cert)),
    ]
    subprocess.run(command, check=True, capture_output=True)
    return cert, key


def trusting(cert: Path) -> ssl.SSLContext:
    """A client's TLS that trusts this certificate alone."""
    return ssl.create_default_context(cafile=str(cert))


@contextmanager
def nginx_before(upstream: int, site: Site, folder: Path) -> Iterator[Path]:
    """Run nginx in front of a server; yields the certificate."""
    program = find_nginx()
    cert, _ = make_certificate(folder)
    config = folder / "nginx.conf"
    config.write_text(site.write(folder, upstream))
    process = subprocess.Popen([program, "-c", str(config), "-e", str(folder / "nginx.log")])
    try:
        _wait_until_it_listens(process, site.port, folder / "nginx.log")
        yield cert
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)


class ClusterNginx:
    """nginx as documented in front of two web processes, without TLS; it can be killed.

    Each answer says in X-Upstream who gave it.
    """

    def __init__(self, upstreams: tuple[int, int], port: int, folder: Path) -> None:
        self._port = port
        self._config, self._log = folder / "nginx.conf", folder / "nginx.log"
        (folder / "cluster.conf").write_text(_documented(upstreams, port))
        self._config.write_text(AROUND.format(folder=folder))
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> ClusterNginx:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it, and wait until it listens."""
        command = [find_nginx(), "-c", str(self._config), "-e", str(self._log)]
        self._process = subprocess.Popen(command)
        _wait_until_it_listens(self._process, self._port, self._log)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(how)
            process.wait(PATIENCE_S)


def _documented(upstreams: tuple[int, int], port: int) -> str:
    text = CLUSTER_CONFIG.read_text()
    for written, here in (
        ("listen 443 ssl;", f"listen 127.0.0.1:{port};"),
        ("    ssl_certificate /etc/nginx/cert.pem;\n", ""),
        ("    ssl_certificate_key /etc/nginx/key.pem;\n", ""),
        ("127.0.0.1:8001", f"127.0.0.1:{upstreams[0]}"),
        ("127.0.0.1:8002", f"127.0.0.1:{upstreams[1]}"),
        ("    location / {", "    add_header X-Upstream $upstream_addr always;\n    location / {"),
    ):
        assert text.count(written) == 1, written
        text = text.replace(written, here)
    return text


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s:
        assert process.poll() is None, log.read_text()
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise AssertionError("nginx does not listen")
