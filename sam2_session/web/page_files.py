"""Serves scripts, styles and icons of the page under addresses that a browser may keep for ever."""

from __future__ import annotations

import gzip
import hashlib
import posixpath
import re
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from flask import Request, Response

from sam2_session.core.errors import NotFound
from sam2_session.web.page_packs import pack_script, pack_sheet

SCRIPTS = ("js/main.js", "js/review.js")
SHEETS = ("css/main_page.css", "css/review_page.css", "css/api_page.css")
FOR_EVER = "public, max-age=31536000, immutable"
MIN_COMPRESSED_BYTES = 1024
_PACKED = "packed/"
_VERSIONED = re.compile(r"(?P<version>[0-9a-f]{12})/(?P<path>.+)")
_MEDIA_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".map": "application/json",
    ".txt": "text/plain",
}


@dataclass
class PageFile:
    """One file of the page; compressed once, when a browser first wants it so."""

    content: bytes
    media_type: str

    @cached_property
    def etag(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:16]

    @cached_property
    def compressed(self) -> bytes:
        return gzip.compress(self.content, mtime=0)


@dataclass(frozen=True)
class PageVersion:
    """All files of the page as they are at one moment, named by a hash of what they hold."""

    name: str
    files: dict[str, PageFile]
    vendored: dict[str, tuple[str, ...]]  # files a script imports beside its pack

    def address(self, path: str) -> str:
        """The path below the static folder to load `path` from, packed where there is a pack."""
        packed = _PACKED + path
        return f"{self.name}/{packed if packed in self.files else path}"


class PageFiles:
    """The folder of the page's files, its scripts and sheets also packed into one file each.

    A file that was edited makes a new version at the next load of a page.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen = self._fingerprint()
        self._version = _read(folder)

    def newest(self) -> PageVersion:
        """Return the files as they are now; reads them again after a change."""
        seen = self._fingerprint()
        if seen != self._seen:
            self._seen, self._version = seen, _read(self._folder)
        return self._version

    def send(self, request: Request, address: str) -> Response:
        """Send the file at `address` below the static folder. Raises NotFound.

        Below the newest version's name it may be kept for ever. Below an older one a page half
        loaded gets the newest file, kept by nobody. Without a version browsers ask every time.
        """
        found = _VERSIONED.fullmatch(address)
        version = self._version if found else self.newest()
        file = version.files.get(found["path"] if found else address)
        if file is None:
            raise NotFound(f"The page has no file {address[:120]}.", hint="Load the page again.")
        if not found:
            kept = "no-cache"
        else:
            kept = FOR_EVER if found["version"] == version.name else "no-store"
        response = compressible(request, file)
        response.headers["Cache-Control"] = kept
        response.set_etag(file.etag)
        response.make_conditional(request)
        return response

    def _fingerprint(self) -> tuple[tuple[str, int, int], ...]:
        files = ((path, path.stat()) for path in _paths(self._folder))
        return tuple((str(path), stat.st_mtime_ns, stat.st_size) for path, stat in files)


def compressible(request: Request, file: PageFile) -> Response:
    """Answer with a file, compressed where that is worth it and the browser can read it."""
    response = Response(file.content, mimetype=file.media_type)
    response.headers["Vary"] = "Accept-Encoding"
    if len(file.content) >= MIN_COMPRESSED_BYTES and request.accept_encodings.quality("gzip") > 0:
        response.set_data(file.compressed)
        response.headers["Content-Encoding"] = "gzip"
    return response


def _paths(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in _MEDIA_TYPES)


def _read(folder: Path) -> PageVersion:
    contents = {path.relative_to(folder).as_posix(): path.read_bytes() for path in _paths(folder)}
    digest = hashlib.sha256()
    for path, content in contents.items():
        digest.update(f"{path}\0{len(content)}\0".encode() + content)
    texts = {path: content.decode() for path, content in contents.items()}
    files = {path: _file(path, text) for path, text in texts.items()}
    vendored: dict[str, tuple[str, ...]] = {}
    for entry in SCRIPTS:
        pack = pack_script(texts, entry, partial(_relative_to, _PACKED + entry))
        mapped = f"{pack.content}//# sourceMappingURL={posixpath.basename(entry)}.map\n"
        files[_PACKED + entry] = _file(entry, mapped)
        files[f"{_PACKED}{entry}.map"] = _file(f"{entry}.map", pack.source_map)
        vendored[entry] = pack.vendored
    for entry in SHEETS:
        files[_PACKED + entry] = _file(entry, pack_sheet(texts, entry))
    return PageVersion(digest.hexdigest()[:12], files, vendored)


def _file(path: str, text: str) -> PageFile:
    return PageFile(text.encode(), _MEDIA_TYPES[posixpath.splitext(path)[1]])


def _relative_to(pack: str, path: str) -> str:
    return posixpath.relpath(path, posixpath.dirname(pack))
