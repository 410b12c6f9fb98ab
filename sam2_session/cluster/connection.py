"""Connects to a Ray cluster: finds its devices, and keeps one named actor on each."""

from __future__ import annotations

import logging
import signal
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from sam2_session.cluster.actor import actor_class
from sam2_session.core.errors import HostUnavailable
from sam2_session.settings import Settings

NAMESPACE = "sam2_session"
PREFIX = "session-"
FACTORY = "sam2_session.cluster.member_factory:build_member"

log = logging.getLogger(__name__)


class RayCluster:
    """Devices of a Ray cluster; an actor outlives the gateway that started it."""

    def __init__(self, settings: Settings, factory: str = FACTORY) -> None:
        self._factory = factory
        self._settings = settings.for_worker()
        self._is_member = bool(ray.is_initialized())  # this process is an actor
        if not self._is_member:
            self._join(settings)

    def _join(self, settings: Settings) -> None:
        kept = signal.getsignal(signal.SIGTERM)
        try:
            ray.init(
                address=settings.ray_address,
                namespace=NAMESPACE,
                log_to_driver=False,
                logging_level=logging.WARNING,
                configure_logging=False,
            )
        except (ConnectionError, ValueError, RuntimeError) as error:
            raise HostUnavailable(
                f"No Ray cluster at {settings.ray_address} can be reached: {error}"
            ) from error
        finally:
            signal.signal(signal.SIGTERM, kept)  # Ray sets its own

    def start_actors(self, known: Mapping[str, Any]) -> dict[str, Any]:
        """Start an actor on each device that has none; returns those of living nodes, by name.

        Of `known` ones it returns None.
        """
        found: dict[str, Any] = {}
        for name, node_id, resources in _devices():
            with suppress(ValueError):  # Ray refuses one that is ending
                found[name] = None if name in known else self._actor(name, node_id, resources)
        return found

    def close(self) -> None:
        """Leave the cluster; the actors stay."""
        if not self._is_member:
            ray.shutdown()

    def _actor(self, name: str, node_id: str, resources: Mapping[str, float]) -> Any:
        options = {
            "name": name,
            "namespace": NAMESPACE,
            "lifetime": "detached",
            "get_if_exists": True,
            "max_restarts": -1,
            "scheduling_strategy": NodeAffinitySchedulingStrategy(node_id, soft=False),
            **resources,
        }
        return actor_class().options(**options).remote(self._factory, self._settings)


def _devices() -> list[tuple[str, str, dict[str, float]]]:
    """List the devices: name, node, and the resources that its actor takes.

    A node has one for each GPU, or else one for its CPUs; one without either has none.
    """
    found = []
    nodes: Any = ray.nodes  # untyped
    for node in nodes():
        has, node_id = node["Resources"], node["NodeID"]
        gpus, cpus = int(has.get("GPU", 0)), int(has.get("CPU", 0))
        if not node["Alive"]:
            continue
        takes: dict[str, float] = {"num_gpus": 1, "num_cpus": 0} if gpus else {"num_cpus": cpus}
        for number in range(gpus or min(cpus, 1)):
            found.append((f"{PREFIX}{node_id[:16]}-{number}", node_id, takes))
    return found
