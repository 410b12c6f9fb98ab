"""Which Host and Origin headers are ours: against DNS rebinding and foreign pages."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable

from sam2_session.core.errors import Forbidden
from sam2_session.web.errors import Misdirected

LOOPBACK_NAMES = frozenset({"localhost"})


class AllowedHosts:
    """Names this server answers to.

    A page that rebinds a name of its own to our address still sends that name, so names must be
    known. An address cannot be rebound: any is fine once the server is open to the network.
    """

    def __init__(self, names: Iterable[str], *, loopback_only: bool) -> None:
        self._names = LOOPBACK_NAMES | {name.lower() for name in names}
        self._loopback_only = loopback_only

    def check(self, host: str) -> None:
        """Raise Misdirected unless the Host header is one of ours."""
        name = _host_name(host)
        if name is None or not (name in self._names or self._is_ours(name)):
            raise Misdirected(
                "This server does not go by that name.",
                hint="Start it with --allowed-host NAME to let browsers use NAME.",
            )

    def _is_ours(self, name: str) -> bool:
        address = _address(name)
        return address is not None and (address.is_loopback or not self._loopback_only)


def is_loopback_host(host: str) -> bool:
    """Whether a browser takes this Host for its own machine."""
    name = _host_name(host) or ""
    address = _address(name)
    return name in LOOPBACK_NAMES or (address is not None and address.is_loopback)


def foreign_origin(origin: str, own: str, allowed: Collection[str]) -> str | None:
    """The origin of an allowed page of another server; None for a page of this very server.

    Raises Forbidden for every other.
    """
    if origin.lower() == own.lower():
        return None
    if origin in allowed:
        return origin
    raise Forbidden(
        "A page of another site may not use this server.",
        hint="Start this server with --allowed-origin and the address of that page.",
    )


def _host_name(host: str) -> str | None:
    """The name in ``name:port``, lower case; None for what cannot be one."""
    name, separator, port = host.rpartition(":")
    if not separator or host.endswith("]"):
        return host.lower() or None
    return name.lower() if port.isdecimal() and port.isascii() else None


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return None
