"""Reads the values of all options from command line, environment and defaults."""

from __future__ import annotations

import argparse
import ipaddress
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from sam2_session import __version__
from sam2_session.folders import COMMAND
from sam2_session.options import (
    BY_NAME,
    COMMAND_OPTIONS,
    ENV_PREFIX,
    OPTIONS,
    InvalidSettings,
    Option,
    parse_flag,
    shown,
)


def default_of(name: str) -> Any:
    """Take a dataclass default from the table of options."""
    return field(default=BY_NAME[name].default)


@dataclass(frozen=True, slots=True)
class Settings:
    """The values of all options, checked. Raises InvalidSettings."""

    host: str = default_of("host")
    port: int = default_of("port")
    token: str = default_of("token")
    token_file: str = default_of("token_file")
    view_token: str = default_of("view_token")
    tls_cert: str = default_of("tls_cert")
    tls_key: str = default_of("tls_key")
    allowed_host: tuple[str, ...] = default_of("allowed_host")
    allowed_origin: tuple[str, ...] = default_of("allowed_origin")
    embed_origin: tuple[str, ...] = default_of("embed_origin")
    public_url: str = default_of("public_url")
    no_auth: bool = default_of("no_auth")
    videos_dir: Path = default_of("videos_dir")
    outputs_dir: Path = default_of("outputs_dir")
    checkpoints_dir: Path = default_of("checkpoints_dir")
    configs_dir: Path = default_of("configs_dir")
    model: str = default_of("model")
    device: str = default_of("device")
    precision: str = default_of("precision")
    async_mode: str = default_of("async_mode")
    engine: str = default_of("engine")
    ray_address: str = default_of("ray_address")
    max_upload_bytes: int = default_of("max_upload_bytes")
    max_clients: int = default_of("max_clients")
    max_uploads: int = default_of("max_uploads")
    max_open_videos: int = default_of("max_open_videos")
    min_free_bytes: int = default_of("min_free_bytes")
    trash_days: int = default_of("trash_days")
    trash_bytes: int = default_of("trash_bytes")
    replaced_bytes: int = default_of("replaced_bytes")
    track_log_bytes: int = default_of("track_log_bytes")
    feature_cache_mb: int = default_of("feature_cache_mb")
    session_memory_mb: int = default_of("session_memory_mb")
    idle_minutes: int = default_of("idle_minutes")
    lost_frames: int = default_of("lost_frames")
    max_conditioning_frames: int = default_of("max_conditioning_frames")
    clear_memory_around_corrections: bool = default_of("clear_memory_around_corrections")
    prefetch_frames: int = default_of("prefetch_frames")
    batch_objects: str = default_of("batch_objects")
    torch_threads: int = default_of("torch_threads")
    stop_with_stdin: bool = default_of("stop_with_stdin")
    log_level: str = default_of("log_level")

    def __post_init__(self) -> None:
        if self.port > 65535:
            raise InvalidSettings(f"--port goes up to 65535, not {self.port}.")
        if self.no_auth and not self.is_loopback:
            raise InvalidSettings(
                f"--no-auth cannot go with --host {self.host}: anyone on the network could change "
                "the annotations. Leave it out, and open the URL that is printed."
            )
        if self.engine == "inline" and self.async_mode == "eventlet":
            raise InvalidSettings("--engine inline needs --async-mode threading.")
        if self.max_conditioning_frames == 1:
            raise InvalidSettings(
                "--max-conditioning-frames is 0 for all, or at least 2: one before a frame and one "
                "behind it."
            )
        self._check_tokens()
        if self.tls_key and not self.tls_cert:
            raise InvalidSettings("--tls-key needs --tls-cert.")

    def _check_tokens(self) -> None:
        for flag, token in (("--token", self.token), ("--view-token", self.view_token)):
            if not token.isprintable() or " " in token or not token.isascii():
                kind = "takes ASCII letters, digits and signs, without spaces"
                raise InvalidSettings(f"{flag} {kind}.")
        if self.view_token and self.no_auth:
            raise InvalidSettings("--view-token cannot go with --no-auth, which lets all change.")
        if self.view_token and self.view_token == self.token:
            raise InvalidSettings("--view-token must differ from --token.")

    @property
    def is_loopback(self) -> bool:
        """Return whether only this machine can connect."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def needs_token(self) -> bool:
        """Return whether people differ, or others reach the server and nobody asks who they are."""
        is_reached = bool(self.public_url) or not self.is_loopback
        return not self.no_auth and (is_reached or bool(self.view_token))

    def to_wire(self) -> dict[str, Any]:
        """Convert to JSON values."""
        values = asdict(self)
        return {name: str(v) if isinstance(v, Path) else v for name, v in values.items()}

    def for_worker(self) -> dict[str, Any]:
        """Convert to JSON values without the tokens, which the session process does not need."""
        return {**self.to_wire(), "token": "", "view_token": ""}

    @classmethod
    def from_wire(cls, values: Mapping[str, Any]) -> Settings:
        """Read what `to_wire` wrote."""
        read: dict[str, Any] = dict(values)
        for setting in fields(cls):
            if setting.type == "Path":
                read[setting.name] = Path(read[setting.name])
        for option in OPTIONS:
            if option.repeatable:
                read[option.name] = tuple(read[option.name])
        return cls(**read)


def parse_settings(argv: Sequence[str], environ: Mapping[str, str]) -> Settings:
    """Read all options: command line before environment before default.

    A bad value ends the program with exit code 2.
    """
    parser = _parser()
    given = vars(parser.parse_args(argv))
    try:
        settings = Settings(**{**_from_environment(environ), **_from_command_line(given)})
        return _with_token_of_file(settings)
    except InvalidSettings as error:
        parser.error(error.message)


def _with_token_of_file(settings: Settings) -> Settings:
    """Read the token from its file, if one is named. Raises InvalidSettings."""
    if not settings.token_file:
        return settings
    if settings.token:
        raise InvalidSettings("Give either --token or --token-file, not both.")
    try:
        token = Path(settings.token_file).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSettings(f"--token-file: {settings.token_file} is not readable.") from error
    if not token:
        raise InvalidSettings(f"--token-file: {settings.token_file} is empty.")
    return replace(settings, token=token)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        COMMAND.removeprefix("python "),
        description="Annotate videos by clicking, with SAM 2.",
        epilog=f"Every option can be set in the environment, as {OPTIONS[0].variable}=0.0.0.0, "
        "or in .env or sam2-session.toml in the current folder. The command line wins over the "
        "environment, that over .env, and that over sam2-session.toml.",
        allow_abbrev=False,
    )
    add_version(parser)
    add_options(parser)
    return parser


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the server that the parser does not have yet."""
    for option in OPTIONS:
        if option.flag in parser._option_string_actions:
            continue
        text = f"{option.help} [{shown(option)}]".replace("%", "%%")
        if option.parse is parse_flag:
            parser.add_argument(option.flag, action="store_const", const="1", help=text)
        else:
            action = "append" if option.repeatable else "store"
            parser.add_argument(option.flag, metavar=_placeholder(option), action=action, help=text)


def add_version(parser: argparse.ArgumentParser) -> None:
    """Add ``--version``."""
    text = f"sam2-session {__version__}"
    parser.add_argument(
        "--version", action="version", version=text, help="show the version and exit"
    )


def _placeholder(option: Option) -> str:
    return "|".join(option.choices) or option.name.rpartition("_")[2].upper()


def _from_command_line(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _reading(BY_NAME[name].flag, _read_argument, BY_NAME[name], value)
        for name, value in given.items()
        if value is not None
    }


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    found = {}
    others = {option.variable for option in COMMAND_OPTIONS}
    for variable, text in environ.items():
        if not variable.startswith(ENV_PREFIX) or variable in others:
            continue
        option = BY_NAME.get(variable.removeprefix(ENV_PREFIX).lower())
        if option is None:
            raise InvalidSettings(f"There is no option {variable}; --help lists them.")
        found[option.name] = _reading(variable, option.read_variable, text)
    return found


def _read_argument(option: Option, value: Any) -> Any:
    return tuple(map(option.read, value)) if option.repeatable else option.read(value)


def _reading(source: str, read: Callable[..., Any], *args: Any) -> Any:
    try:
        return read(*args)
    except InvalidSettings as error:
        raise InvalidSettings(f"{source}: {error.message}") from error
