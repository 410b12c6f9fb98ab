"""Names the program whose JSON cannot be read, and what to export there instead."""

from __future__ import annotations

from typing import Any

from sam2_session.core.errors import UnsupportedImport
from sam2_session.formats.importing.json_input import mapping


def refuse_by_name(document: Any, name: str = "The file") -> None:
    """Raise `UnsupportedImport` for JSON of a program that is known, but not read."""
    data = mapping(document)
    objects = data.get("objects")
    if "_via_img_metadata" in data or "_via_settings" in data or "via_version" in data:
        raise _refusal(name, "the VGG Image Annotator (VIA)", "Annotations as COCO")
    if isinstance(objects, list) and any("geometryType" in mapping(row) for row in objects):
        raise _refusal(name, "Supervisely", "COCO, or masks as PNG")
    if isinstance(data.get("items"), list) and "categories" in data:
        raise _refusal(name, "Datumaro", "COCO instances (datumaro convert -f coco_instances)")
    if isinstance(objects, list) and "info" in data and "folder" in mapping(data.get("info")):
        raise _refusal(name, "ISAT", "COCO, or LabelMe")


def _refusal(name: str, program: str, way_out: str) -> UnsupportedImport:
    return UnsupportedImport(
        f"{name} is JSON of {program}, which is not read.", hint=f"Export there: {way_out}."
    )
