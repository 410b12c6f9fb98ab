"""Describes the device that a model would run on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from sam2_session.inference.loading import choose_device

DRIVER = Path("/proc/driver/nvidia/version")


@dataclass(frozen=True, slots=True)
class Machine:
    """The device, and torch's build; `driver` is empty without NVIDIA's kernel module."""

    device: str
    name: str
    memory_bytes: int
    cpu_threads: int
    torch_version: str
    cuda_build: str
    driver: str


def describe_machine(device: str) -> Machine:
    """Look at the device that ``--device`` names. Raises `ModelUnavailable`."""
    chosen = choose_device(device)
    name, memory_bytes = "", 0
    if chosen.type == "cuda":
        properties = torch.cuda.get_device_properties(chosen)
        name, memory_bytes = properties.name, properties.total_memory
    return Machine(
        device=str(chosen),
        name=name,
        memory_bytes=memory_bytes,
        cpu_threads=torch.get_num_threads(),
        torch_version=str(torch.__version__),
        cuda_build=torch.version.cuda or "",
        driver=DRIVER.read_text().splitlines()[0] if DRIVER.is_file() else "",
    )
