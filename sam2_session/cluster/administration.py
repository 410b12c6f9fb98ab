"""Looks after the members of a running cluster, for the command line."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, cast

import ray
from ray.exceptions import GetTimeoutError, RayError

from sam2_session.cluster.connection import NAMESPACE, PREFIX, RayCluster
from sam2_session.core.errors import HostUnavailable, NotFound, RemoteError
from sam2_session.settings import Settings

ANSWER_S = 15.0


class Administration:
    """Reaches the members by their names, without a gateway."""

    def __init__(self, settings: Settings) -> None:
        self._cluster = RayCluster(settings)

    def status(self) -> list[dict[str, Any]]:
        """Describe every member; one that does not answer has an `error`."""
        rows = []
        for name in self._names():
            try:
                rows.append({"member": name, **self._control(name, "figures")})
            except HostUnavailable as error:
                rows.append({"member": name, "error": error.message})
        return rows

    def drain(self, member: str, *, on: bool) -> dict[str, Any]:
        """Let a member take no more videos; a gateway moves those that it has."""
        if member not in self._names():
            raise NotFound(f"No member {member!r}.", hint="`cluster status` lists them.")
        self._control(member, "drain", on=on)
        return {"member": member, "draining": on}

    def stop(self) -> list[str]:
        """End every member; what was acknowledged is on disk. A gateway would start new ones."""
        names = self._names()
        for name in names:
            actor = ray.get_actor(name, NAMESPACE)
            with suppress(RayError, GetTimeoutError):  # it is ended all the same
                ray.get(actor.close.remote(), timeout=ANSWER_S)
            ray.kill(actor, no_restart=True)
        return names

    def close(self) -> None:
        """Leave the cluster."""
        self._cluster.close()

    def _names(self) -> list[str]:
        return sorted(name for name in ray.util.list_named_actors() if name.startswith(PREFIX))

    def _control(self, member: str, name: str, **params: Any) -> dict[str, Any]:
        try:
            actor, get = cast(Any, ray.get_actor)(member, NAMESPACE), cast(Any, ray.get)
            reply = get(actor.control.remote(name, params), timeout=ANSWER_S)
        except (RayError, GetTimeoutError, ValueError) as error:
            raise HostUnavailable(f"{member} does not answer.") from error
        if "error" in reply:
            raise RemoteError(**reply["error"])
        return dict(reply["value"] or {})
