"""The numbers and colours of parts and classes in each layout, and how others are chosen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from sam2_session.core.errors import InvalidRequest

ENDOVIS_2017, ENDOVIS_2018, SAR_RARP50 = "endovis_2017", "endovis_2018", "sar_rarp50"
LAYOUTS = (ENDOVIS_2017, ENDOVIS_2018, SAR_RARP50)
TYPE_STEP = 32  # EndoVis 2017: a type's grey is its id x 32
OTHER_TYPE = 7
MAX_VALUES = 200
ENTRY = re.compile(r"(.+)=(#[0-9a-fA-F]{6}|[0-9]{1,3})")
CLASPER = "gripper"  # the challenges' clasper is this program's gripper
Values = Mapping[str, int]  # by name: a grey or index from 1 to 255, or 0xRRGGBB

VALUES: Mapping[str, Values] = MappingProxyType({
    ENDOVIS_2017: {"shaft": 85, "wrist": 170, CLASPER: 255},
    ENDOVIS_2018: {
        "shaft": 0x00FF00, CLASPER: 0x00FFFF, "wrist": 0x7DFF0C, "kidney-parenchyma": 0xFF3700,
        "covered-kidney": 0x18377D, "thread": 0xBB9B19, "clamps": 0x00FF7D,
        "suturing-needle": 0xFFFF7D, "suction-instrument": 0x7B0FAF, "small-intestine": 0x7C9B05,
        "ultrasound-probe": 0x0CFF8D,
    },
    SAR_RARP50: {
        CLASPER: 1, "wrist": 2, "shaft": 3, "suturing-needle": 4, "thread": 5, "suction-tool": 6,
        "needle-holder": 7, "clamps": 8, "catheter": 9,
    },
})  # fmt: skip
TYPES: Values = MappingProxyType({
    "bipolar forceps": 1, "prograsp forceps": 2, "large needle driver": 3, "vessel sealer": 4,
    "grasping retractor": 5, "monopolar curved scissors": 6, "other": OTHER_TYPE,
})  # fmt: skip
PARTS = ("shaft", "wrist", CLASPER)
SAME = {"clasper": CLASPER, "claspers": CLASPER, "jaw": CLASPER, "needle": "suturing-needle",
        "clamp": "clamps", "suction": "suction-instrument"}  # fmt: skip


def values_of(layout: str, chosen: str) -> dict[str, int]:
    """Return the values of a layout, with those of ``shaft=85, needle driver/tip=40`` over them.

    Raises `InvalidRequest` for a text of another form, or a value that the layout cannot hold.
    """
    values = {plain(name): value for name, value in VALUES[layout].items()}
    entries = [entry.strip() for entry in chosen.split(",") if entry.strip()]
    for entry in entries[:MAX_VALUES]:
        found = ENTRY.fullmatch(entry)
        value = _value(found[2]) if found else None
        in_colour = bool(found and found[2].startswith("#"))
        fits = value is not None and in_colour == (layout == ENDOVIS_2018)
        if not found or value is None or not fits or not 0 < value <= 0xFFFFFF:
            form = "a colour like #00ff00" if layout == ENDOVIS_2018 else "a number from 1 to 255"
            raise InvalidRequest(
                f"values has {entry[:60]!r}.",
                hint=f"Write shaft=…, needle driver/shaft=…; {layout} takes {form}.",
            )
        values[plain(found[1])] = value
    return values


def find_value(values: Values, region: str, class_name: str | None) -> int | None:
    """Find the value of a mask: by class and region together, else by either alone."""
    names = (f"{class_name or ''}/{region}", region, class_name or "")
    found = (values.get(plain(name)) for name in names if name.strip("/"))
    return next((value for value in found if value is not None), None)


def plain(name: str) -> str:
    """Bring a name into the form in which names are compared."""
    return "/".join(_plain_part(part) for part in name.split("/") if part.strip())


def _plain_part(part: str) -> str:
    words = "-".join(re.findall(r"[^\W_]+", part.casefold()))
    words = words.removeprefix("instrument-").removeprefix("tool-") or words
    return SAME.get(words, words)


def _value(text: str) -> int | None:
    value = int(text[1:], 16) if text.startswith("#") else int(text)
    return value if text.startswith("#") or value <= 255 else None
