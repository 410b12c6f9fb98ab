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
PREFIX_SEGMENT = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*")
OWN_PATHS = ("api", "healthz", "metrics", "readyz", "review", "socket.io", "static")
ORIGIN_HOST = re.compile(r"[a-z0-9_][a-z0-9_.-]*|[0-9a-f:]+")  # a name, or an address


class InvalidSettings(InvalidRequest):
    """An option has a bad value, or contradicts another."""

    code = "invalid_settings"


def parse_bytes(text: str) -> int:
    """Parse ``"512 MiB"`` or a plain number of bytes."""
    found = re.fullmatch(r"(\d+)\s*([kmg]ib|b|)", text.strip().lower())
    if not found:
        raise InvalidSettings(f"{text!r} is no size: write 1048576, 512MiB or 8GiB.")
    return int(found[1]) * UNITS[found[2]]


def parse_flag(text: str) -> bool:
    """Parse a yes or no from the environment."""
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
    """Parse a whole number of at least 0."""
    if not re.fullmatch(r"\d{1,9}", text.strip()):
        raise InvalidSettings(f"{text!r} is no whole number.")
    return int(text)


def parse_limit(text: str) -> int:
    """Parse a whole number of at least 1."""
    number = parse_number(text)
    if not number:
        raise InvalidSettings("a limit is at least 1.")
    return number


def parse_origin(text: str) -> str:
    """Normalise an origin as browsers write it: lower case, no path, no default port."""
    parts = urlsplit(text.strip())
    host = (parts.hostname or "").lower()
    port = _port_of(parts)
    plain = parts.path in ("", "/") and not (parts.query or parts.fragment or "@" in parts.netloc)
    if parts.scheme not in DEFAULT_PORTS or not ORIGIN_HOST.fullmatch(host) or not plain:
        raise InvalidSettings(f"{text!r} is no origin: write http://host:port.")
    shown_host = f"[{host}]" if ":" in host else host
    default = port in (None, DEFAULT_PORTS[parts.scheme])
    return f"{parts.scheme}://{shown_host}" + ("" if default else f":{port}")


def parse_public_url(text: str) -> str:
    """Normalise the URL under which a proxy serves: an origin, and maybe a path prefix.

    No prefix may begin with a path of the program's own: a request could not be told apart from
    one whose prefix the proxy has removed.
    """
    if not text.strip():
        return ""
    parts = urlsplit(text.strip())
    origin = parse_origin(f"{parts.scheme}://{parts.netloc}")
    prefix = parts.path.rstrip("/")
    segments = prefix.split("/")[1:]
    plain = all(PREFIX_SEGMENT.fullmatch(segment) for segment in segments)
    if not plain or parts.query or parts.fragment:
        raise InvalidSettings(f"{text!r} is no public URL: write https://host or https://host/path")
    if segments and segments[0] in OWN_PATHS:
        raise InvalidSettings(f"/{segments[0]} is a path of the program; choose another prefix.")
    return origin + prefix


def _port_of(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError as error:
        raise InvalidSettings(f"{parts.netloc!r} has no port number.") from error


def parse_path(text: str) -> Path:
    """Parse a folder, relative to where the server is started."""
    if not text:
        raise InvalidSettings("A folder needs a name.")
    return Path(text).expanduser().absolute()


def parse_file(text: str) -> str:
    """Parse the path of a file, relative to where the server is started; empty for none."""
    return str(Path(text).expanduser().absolute()) if text else ""


@dataclass(frozen=True, slots=True)
class Option:
    """One option; in the environment, commas separate the values of a repeatable one."""

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
        """Parse one value. Raises InvalidSettings."""
        if self.choices and text not in self.choices:
            raise InvalidSettings(f"choose one of {', '.join(self.choices)}, not {text!r}.")
        return self.parse(text)

    def read_variable(self, text: str) -> Any:
        """Parse the environment variable. Raises InvalidSettings."""
        if self.repeatable:
            return tuple(self.read(part.strip()) for part in text.split(",") if part.strip())
        return self.read(text)


OPTIONS = (
    Option(
        "host", "127.0.0.1", "Address to listen on; a token protects every address but loopback."
    ),
    Option("port", 8000, "Port to listen on; 0 picks a free one.", parse_number),
    Option("token", "", "Secret needed to open the server; one is made at start if needed."),
    Option("token_file", "", "File with the token, such as the secret of a container."),
    Option(
        "view_token",
        "",
        "Another secret, for people who look and export, and change nothing.",
    ),
    Option("tls_cert", "", "Certificate with its chain, as PEM: serve over https.", parse_file),
    Option("tls_key", "", "Its key, as PEM; if it is not in the same file.", parse_file),
    Option(
        "allowed_host",
        (),
        "Another host name that browsers may use for this server.",
        repeatable=True,
    ),
    Option(
        "allowed_origin",
        (),
        "Another server whose page may use this one, like http://host:port; needs the token.",
        parse_origin,
        repeatable=True,
    ),
    Option(
        "embed_origin",
        (),
        "Another server whose pages may show this one's in a frame, like http://localhost:8888.",
        parse_origin,
        repeatable=True,
    ),
    Option(
        "public_url",
        "",
        "Where a proxy serves this server, like https://host or https://host/prefix; needs the"
        " token, or --no-auth.",
        parse_public_url,
    ),
    Option("no_auth", False, "Serve without a token; only on loopback.", parse_flag),
    Option("videos_dir", DATA / "videos", "Folder of the videos to annotate.", parse_path),
    Option(
        "outputs_dir",
        DATA / "outputs",
        "Folder of frames, annotations and exports.",
        parse_path,
    ),
    Option(
        "checkpoints_dir",
        DATA / "checkpoints",
        "Folder of the model checkpoints.",
        parse_path,
    ),
    Option(
        "configs_dir",
        RESOURCES / "configs",
        "Folder of models.yaml and regions.yaml.",
        parse_path,
    ),
    Option("model", "sam2.1_hiera_demo", "Model to start with, named in configs/models.yaml."),
    Option("device", "auto", "Device for the model: auto, cpu, cuda or cuda:1."),
    Option("precision", "auto", "Number format of the model.", choices=("auto", "fp32", "bf16")),
    Option(
        "async_mode",
        "eventlet",
        "Kind of threads in the web process.",
        choices=("eventlet", "threading"),
    ),
    Option(
        "engine",
        "process",
        "Run the model in a process of its own, inline for tests and notebooks, or on a cluster.",
        choices=("process", "inline", "ray"),
    ),
    Option("ray_address", "auto", "Ray cluster of --engine ray, like 10.0.0.1:6379."),
    Option("max_upload_bytes", 8 * GIB, "Size limit of an upload.", parse_bytes),
    Option("max_clients", 256, "Clients connected at once, a page or script each.", parse_limit),
    Option("max_uploads", 16, "Uploads received at once.", parse_limit),
    Option(
        "max_open_videos", 0, "Videos that people have open at once; 0: no limit.", parse_number
    ),
    Option(
        "min_free_bytes",
        256 * MIB,
        "Free disk space below which uploads, extraction, exports and batch runs stop.",
        parse_bytes,
    ),
    Option("trash_days", 30, "Days that deleted things are kept; 0: for ever.", parse_number),
    Option(
        "trash_bytes",
        20 * GIB,
        "Size of the trash from which its oldest things go; 0: no limit.",
        parse_bytes,
    ),
    Option(
        "replaced_bytes",
        2 * GIB,
        "Size of the masks kept per video to roll runs back; the oldest go first. 0: none.",
        parse_bytes,
    ),
    Option(
        "track_log_bytes",
        16 * GIB,
        "Size of what runs of a video leave to go on from; beyond it pairs longest untouched"
        " lose theirs, and their next run begins anew. 0: no limit.",
        parse_bytes,
    ),
    Option("feature_cache_mb", 1024, "Memory for image features of frames, in MB.", parse_number),
    Option("session_memory_mb", 512, "Memory for inference sessions, in MB.", parse_number),
    Option(
        "idle_minutes",
        60,
        "Minutes after which unused sessions and image features leave the memory; 0: never.",
        parse_number,
    ),
    Option(
        "lost_frames",
        5,
        "Empty masks in a row after which an object counts as lost; 0: never.",
        parse_number,
    ),
    Option(
        "max_conditioning_frames",
        4,
        "How many corrected frames, nearest in time, each tracked frame uses; 0: all.",
        parse_number,
    ),
    Option(
        "clear_memory_around_corrections",
        False,
        "After a corrected frame, track without the memory of the frames just before it.",
        parse_flag,
    ),
    Option(
        "prefetch_frames",
        2,
        "Frames encoded ahead around the one on screen, up to 4; 0: none.",
        parse_number,
    ),
    Option(
        "batch_objects",
        "auto",
        "Track several objects in one call of the model; auto: on a GPU.",
        choices=("auto", "on", "off"),
    ),
    Option("torch_threads", 0, "CPU threads of the model; 0: all cores.", parse_number),
    Option(
        "stop_with_stdin",
        False,
        "Stop when standard input ends, as it does when the program that started the server ends.",
        parse_flag,
    ),
    Option(
        "log_level",
        "info",
        "Least severe messages to log.",
        choices=("debug", "info", "warning", "error"),
    ),
)
BY_NAME = {option.name: option for option in OPTIONS}

# Options of the commands besides `serve`; they are no settings of a server.
COMMAND_OPTIONS = (
    Option("url", "", "A server that runs; without it a command opens the folders itself."),
    Option("json", False, "Print one JSON document.", parse_flag),
    Option("quiet", False, "Show no progress.", parse_flag),
)


def shown(option: Option) -> str:
    """Write a default for people: ``8 GiB``, ``videos/``, ``none``."""
    value = option.default
    if isinstance(value, Path):
        return value.name + "/"
    if option.parse is parse_bytes:
        return f"{value // GIB} GiB" if value % GIB == 0 else f"{value // MIB} MiB"
    return "none" if value in ("", ()) else "no" if value is False else str(value)
