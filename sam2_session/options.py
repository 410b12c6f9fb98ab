"""The options of the server, one row each: the table feeds command line, environment and docs."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from sam2_session.core.errors import InvalidRequest
from sam2_session.folders import DATA, RESOURCES

ENV_PREFIX = "SAM2_SESSION_"
UNITS = {"": 1, "b": 1, "kib": 2**10, "mib": 2**20, "gib": 2**30}
GIB, MIB = 2**30, 2**20
DEFAULT_PORTS = {"http": 80, "https": 443}
ORIGIN_HOST = re.compile(r"[a-z0-9_][a-z0-9_.-]*|[0-9a-f:]+")  # a name or an address, also IPv6


class InvalidSettings(InvalidRequest):
    """An option that cannot be, or that contradicts another."""

    code = "invalid_settings"


def parse_bytes(text: str) -> int:
    """``"512 MiB"`` or a plain number of bytes."""
    found = re.fullmatch(r"(\d+)\s*([kmg]ib|b|)", text.strip().lower())
    if not found:
        raise InvalidSettings(f"{text!r} is no size: write 1048576, 512MiB or 8GiB.")
    return int(found[1]) * UNITS[found[2]]


def parse_flag(text: str) -> bool:
    """A yes or no from the environment."""
    words = {
        "1": True,
        "true": True,
        "yes": True,
        "0": False,
        "false": False,
        "no": False,
        "": False,
    }
    if text.lower() not in words:
        raise InvalidSettings(f"{text!r} is neither yes nor no: write 1 or 0.")
    return words[text.lower()]


def parse_number(text: str) -> int:
    """A whole number of at least 0."""
    if not re.fullmatch(r"\d{1,9}", text.strip()):
        raise InvalidSettings(f"{text!r} is no whole number.")
    return int(text)


def parse_origin(text: str) -> str:
    """``"https://HOST:443/"`` as browsers write an origin: lower case, no default port or path."""
    parts = urlsplit(text.strip())
    host = (parts.hostname or "").lower()
    port = _port_of(parts)
    plain = parts.path in ("", "/") and not (parts.query or parts.fragment or "@" in parts.netloc)
    if parts.scheme not in DEFAULT_PORTS or not ORIGIN_HOST.fullmatch(host) or not plain:
        raise InvalidSettings(f"{text!r} is no origin: write http://host:port.")
    shown_host = f"[{host}]" if ":" in host else host
    default = port in (None, DEFAULT_PORTS[parts.scheme])
    return f"{parts.scheme}://{shown_host}" + ("" if default else f":{port}")


def _port_of(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError as error:
        raise InvalidSettings(f"{parts.netloc!r} has no port number.") from error


def parse_path(text: str) -> Path:
    """A folder, seen from where the server is started."""
    if not text:
        raise InvalidSettings("A folder needs a name.")
    return Path(text).expanduser().absolute()


@dataclass(frozen=True, slots=True)
class Option:
    """One row: `parse` reads its text; commas part the values of a repeatable one in a variable."""

    name: str
    default: Any
    help: str
    parse: Callable[[str], Any] = str
    choices: tuple[str, ...] = ()
    repeatable: bool = False

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        return ENV_PREFIX + self.name.upper()

    def read(self, text: str) -> Any:
        """The value of one text. Raises InvalidSettings."""
        if self.choices and text not in self.choices:
            raise InvalidSettings(f"choose one of {', '.join(self.choices)}, not {text!r}.")
        return self.parse(text)

    def read_variable(self, text: str) -> Any:
        """The value of the environment variable. Raises InvalidSettings."""
        if self.repeatable:
            return tuple(self.read(part.strip()) for part in text.split(",") if part.strip())
        return self.read(text)


OPTIONS = (
    Option("host", "127.0.0.1", "Address to listen on; any but loopback needs a token."),
    Option("port", 8000, "Port to listen on; 0 takes a free one.", parse_number),
    Option("token", "", "Secret that opens the server; made at start when one is needed."),
    Option("allowed_host", (), "Another name browsers may call this server by.", repeatable=True),
    Option(
        "allowed_origin",
        (),
        "Another server whose page may use this one, as http://host:port; it needs the token.",
        parse_origin,
        repeatable=True,
    ),
    Option("no_auth", False, "No token even when one is set; only on loopback.", parse_flag),
    Option("videos_dir", DATA / "videos", "Folder of the videos.", parse_path),
    Option("outputs_dir", DATA / "outputs", "Folder of what is made of them.", parse_path),
    Option("checkpoints_dir", DATA / "checkpoints", "Folder of the weights.", parse_path),
    Option("configs_dir", RESOURCES / "configs", "Folder of models and regions.", parse_path),
    Option("model", "sam2.1_hiera_demo", "Model to start with, a row of configs/models.yaml."),
    Option("device", "auto", "auto, cpu, cuda or cuda:1."),
    Option("precision", "auto", "Arithmetic of the model.", choices=("auto", "fp32", "bf16")),
    Option(
        "async_mode", "eventlet", "How the web process waits.", choices=("eventlet", "threading")
    ),
    Option(
        "engine",
        "process",
        "Where the model runs; inline is for tests and notebooks.",
        choices=("process", "inline"),
    ),
    Option("max_upload_bytes", 8 * GIB, "Largest upload.", parse_bytes),
    Option("feature_cache_mb", 1024, "Memory for image features, in MB.", parse_number),
    Option("session_memory_mb", 512, "Memory for live sessions, in MB.", parse_number),
    Option("lost_frames", 5, "Empty masks in a row that mean lost; 0 is never.", parse_number),
    Option(
        "max_conditioning_frames",
        4,
        "Corrected frames a tracked frame attends to, nearest in time; 0 is all.",
        parse_number,
    ),
    Option(
        "clear_memory_around_corrections",
        False,
        "Track on from a corrected frame without what was tracked just before it.",
        parse_flag,
    ),
    Option("prefetch_frames", 2, "Neighbours encoded ahead, up to 4; 0 is none.", parse_number),
    Option(
        "batch_objects",
        "auto",
        "Track several objects in one call; auto is on a GPU.",
        choices=("auto", "on", "off"),
    ),
    Option("torch_threads", 0, "Threads of the model on a CPU; 0 is all.", parse_number),
    Option("log_level", "info", "What is logged.", choices=("debug", "info", "warning", "error")),
)
BY_NAME = {option.name: option for option in OPTIONS}


def shown(option: Option) -> str:
    """The default, for people."""
    value = option.default
    if isinstance(value, Path):
        return value.name + "/"
    if option.parse is parse_bytes:
        return f"{value // GIB} GiB" if value % GIB == 0 else f"{value // MIB} MiB"
    return "none" if value in ("", ()) else "no" if value is False else str(value)
