"""Checks Host and Origin headers, against DNS rebinding and requests of other sites' pages."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable

from sam2_session.core.errors import Forbidden
from sam2_session.web.errors import Misdirected

LOOPBACK_NAMES = frozenset({"localhost"})


class AllowedHosts:
    """The names and addresses under which browsers may use this server.

    A page that rebinds its own name to our address still sends that name as Host, so only listed
    names pass. An address cannot be rebound: every address passes unless `loopback_only`.
    """

    def __init__(self, names: Iterable[str], *, loopback_only: bool) -> None:
        self._names = LOOPBACK_NAMES | {name.lower() for name in names}
        self._loopback_only = loopback_only

    def check(self, host: str) -> None:
        """Raise Misdirected unless the Host header holds one of these names or addresses."""
        name = _host_name(host)
        if name is None or not (name in self._names or self._is_own_address(name)):
            raise Misdirected(
                "This server is not known by that name.",
                hint="Start it with --allowed-host NAME to allow that name, or behind a proxy with "
                "--public-url and the address that the browser shows.",
            )

    def _is_own_address(self, name: str) -> bool:
        address = _address(name)
        return address is not None and (address.is_loopback or not self._loopback_only)


def is_loopback_host(host: str) -> bool:
    """Return whether this Host names the machine that the browser runs on."""
    name = _host_name(host) or ""
    address = _address(name)
    return name in LOOPBACK_NAMES or (address is not None and address.is_loopback)


def foreign_origin(origin: str, own: Collection[str], allowed: Collection[str]) -> str | None:
    """Return the origin if it is another, allowed server; None if it is one of `own`.

    Raises Forbidden for every other origin.
    """
    if origin.lower() in own:
        return None
    if origin in allowed:
        return origin
    raise Forbidden(
        "Pages of other sites may not use this server.",
        hint="Behind a proxy start the server with --public-url and the address that the browser "
        "shows; to allow the page of another server, with --allowed-origin and its address.",
    )


def _host_name(host: str) -> str | None:
    """Return the name of ``name:port`` in lower case; None for a broken Host header."""
    name, separator, port = host.rpartition(":")
    if not separator or host.endswith("]"):
        return host.lower() or None
    return name.lower() if port.isdecimal() and port.isascii() else None


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return None
