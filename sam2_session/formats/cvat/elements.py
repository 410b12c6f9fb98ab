"""Parses CVAT's XML for video into the shapes of its tracks, within limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from xml.parsers import expat

from sam2_session.core.errors import TooLarge, UnsupportedImport

SHAPES = frozenset({"box", "mask", "polygon", "ellipse", "points"})
UNSUPPORTED = frozenset({"polyline", "cuboid", "skeleton"})  # reported, not read
FROM_CVAT = "Export it from CVAT, as CVAT for video 1.1."
IN_PARTS = "Import it in parts."
MAX_SHAPES = 500_000
MAX_SOURCE = 500  # characters
MAX_GROUP, MAX_NAMES = 20, 10_000
Attributes = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape on one frame, its values still as text."""

    kind: str
    values: Attributes
    label: str
    group: str  # its `group_id`, or empty
    track: str | None  # id of its track; None if the track is seen on this frame only

    @property
    def is_keyframe(self) -> bool:
        """Return whether a person set it; CVAT interpolates the frames between."""
        return _is_set(self.values, "keyframe", "1")


@dataclass(frozen=True, slots=True)
class Document:
    """All visible shapes in file order, and the size of the frames they were drawn on."""

    shapes: tuple[Shape, ...]
    height: str | None
    width: str | None
    source: str | None = None  # file name of its video
    instance_names: Attributes = field(default_factory=dict)  # by group, if we wrote the file


def is_xml(data: bytes) -> bool:
    """Return whether a document starts like XML."""
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def read_shapes(data: bytes, name: str = "The file") -> Document:
    """Parse a document. Raises `UnsupportedImport` if it is not CVAT's, `TooLarge` over limits."""
    reader = _Reader(name)
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = reader.doctype
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise UnsupportedImport(
            f"{name} is no XML: {error}.", hint="It may have been cut short; export it again."
        ) from error
    size = reader.size
    return Document(
        tuple(reader.shapes),
        size.get("height"),
        size.get("width"),
        reader.source.strip() or None,
        reader.instance_names,
    )


class _Reader:
    """Handles the parser's events and remembers the open track."""

    def __init__(self, name: str) -> None:
        self.shapes: list[Shape] = []
        self.size: dict[str, str] = {}
        self.source = ""
        self.instance_names: dict[str, str] = {}
        self._group = ""  # of the instance that is being named
        self._name = name
        self._open: list[str] = []
        self._track: Attributes | None = None
        self._track_start = 0  # the number of shapes before the open track

    def doctype(self, *_: object) -> None:
        """Refuse document types, whose entities could grow without end; CVAT writes none."""
        raise UnsupportedImport(
            f"{self._name} declares a document type, which is not read.", hint=FROM_CVAT
        )

    def start(self, tag: str, attributes: Attributes) -> None:
        """Open an element."""
        if not self._open and tag != "annotations":
            raise UnsupportedImport(f"{self._name} is XML, but not of CVAT.", hint=FROM_CVAT)
        if tag == "image":
            raise UnsupportedImport(
                f"{self._name} is CVAT for images.", hint="Export it as CVAT for video, or as COCO."
            )
        self._open.append(tag)
        if tag == "instance" and "meta" in self._open:
            self._group = attributes.get("id", "")[:MAX_GROUP]
        if tag == "track":
            self._track, self._track_start = attributes, len(self.shapes)
        elif self._track is not None and (tag in SHAPES or tag in UNSUPPORTED):
            self._shape(tag, attributes, self._track)

    def end(self, tag: str) -> None:
        """Close an element; a track that ends with one shape is marked as no track."""
        self._open.pop()
        if tag == "track":
            self._track = None
            if len(self.shapes) - self._track_start == 1:
                self.shapes[-1] = replace(self.shapes[-1], track=None)

    def text(self, text: str) -> None:
        """Collect text between tags if it is the size or the name of the video."""
        if self._open[-1:] == ["source"] and "meta" in self._open and not self._track:
            self.source = (self.source + text)[:MAX_SOURCE]
        if self._open[-2:] == ["instances", "instance"] and len(self.instance_names) < MAX_NAMES:
            named = self.instance_names.get(self._group, "") + text
            self.instance_names[self._group] = named[:MAX_SOURCE]
        if self._open[-2:-1] == ["original_size"]:
            self.size[self._open[-1]] = (self.size.get(self._open[-1], "") + text)[:20]

    def _shape(self, tag: str, values: Attributes, track: Attributes) -> None:
        if len(self.shapes) >= MAX_SHAPES:
            raise TooLarge(f"{self._name} holds more than {MAX_SHAPES} shapes.", hint=IN_PARTS)
        if not _is_set(values, "outside", "0"):
            label, group = track.get("label", ""), track.get("group_id", "0")
            group = "" if group == "0" else group
            self.shapes.append(Shape(tag, values, label, group, track.get("id", "")))


def _is_set(values: Attributes, name: str, otherwise: str) -> bool:
    return values.get(name, otherwise).strip().casefold() not in ("0", "false")
