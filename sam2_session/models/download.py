"""Downloads one file over HTTP: resumes, retries, and hashes while it streams."""

from __future__ import annotations

import errno
import hashlib
import http.client
import logging
import re
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sam2_session import runtime
from sam2_session.core.errors import Cancelled, ModelUnavailable, StorageFailed
from sam2_session.models.files import CHUNK_BYTES, hash_file

Progress = Callable[[int, int], None]  # bytes done, bytes in total (0: unknown)

DISK_MARGIN_BYTES = 64 * 1024 * 1024  # kept free for prompts and masks
PROGRESS_EVERY_S = 0.2
TRANSIENT_STATUS = {408, 425, 429, 500, 502, 503, 504}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Number and pauses of retries; attempts count only while no bytes arrive between them."""

    attempts: int = 6
    backoff_s: float = 1.0
    timeout_s: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """URL of a file, with its size and hash if they are known."""

    url: str
    bytes: int | None = None
    sha256: str | None = None


class Download:
    """Downloads one file into `part`; after a failure, calling `run` again resumes."""

    def __init__(
        self,
        source: Source,
        part: Path,
        *,
        progress: Progress,
        cancelled: Callable[[], bool],
        retry: RetryPolicy,
    ) -> None:
        self._source = source
        self._part = part
        self._etag = part.with_name(part.name + ".etag")
        self._progress = progress
        self._cancelled = cancelled
        self._retry = retry
        self._announced_s = 0.0

    def run(self) -> str:
        """Download the missing part and return the sha256 of the whole file.

        Raises ModelUnavailable, Cancelled or StorageFailed.
        """
        failures = 0
        while True:
            before = self._size()
            try:
                return self._attempt(before)
            except urllib.error.HTTPError as error:
                if error.code not in TRANSIENT_STATUS:
                    raise self._unavailable(f"HTTP {error.code}") from error
                reason = f"HTTP {error.code}"
            except (OSError, http.client.HTTPException) as error:
                _refuse_full_disk(error)
                reason = str(error) or type(error).__name__
            failures = 1 if self._size() > before else failures + 1
            if failures >= self._retry.attempts:
                raise self._unavailable(reason)
            log.warning("%s: %s; trying again", self._source.url, reason)
            self._wait(self._retry.backoff_s * 2 ** (failures - 1))

    def discard(self) -> None:
        """Delete the downloaded part."""
        self._part.unlink(missing_ok=True)
        self._etag.unlink(missing_ok=True)

    def _attempt(self, have: int) -> str:
        if have and have == self._source.bytes:
            return self._hash().hexdigest()
        if have and not self._resumable():
            have = 0
        try:
            request, timeout_s = self._request(have), self._retry.timeout_s
            # the registry takes http and https only
            response = urllib.request.urlopen(request, timeout=timeout_s)  # nosec B310
        except urllib.error.HTTPError as error:
            error.close()
            if error.code != http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
                raise
            self.discard()  # our part does not belong to that file
            raise ConnectionError("the server has another file now") from error
        with response:
            return self._receive(response, have)

    def _request(self, have: int) -> urllib.request.Request:
        headers = {"Accept-Encoding": "identity", "User-Agent": "sam2-session"}
        if have:
            headers["Range"] = f"bytes={have}-"
            if self._etag.is_file():
                headers["If-Range"] = self._etag.read_text(encoding="utf-8")
        return urllib.request.Request(self._source.url, headers=headers)

    def _resumable(self) -> bool:
        # Without a hash or an ETag, parts of two versions could be joined unnoticed.
        return self._source.sha256 is not None or self._etag.is_file()

    def _receive(self, response: http.client.HTTPResponse, have: int) -> str:
        start = _start_of(response)
        if start != have:
            start = 0
            if response.status == http.client.PARTIAL_CONTENT:
                self.discard()
                raise ConnectionError("the server sent another part than asked for")
        length = response.headers.get("Content-Length")
        total = start + int(length) if length else self._source.bytes or 0
        self._check_total(total)
        self._check_disk(total - start)
        self._remember_etag(response)
        digest = self._hash() if start else hashlib.sha256()
        done = self._stream(response, digest, start, total)
        if done < total:
            raise ConnectionError(f"the connection ended after {done} of {total} bytes")
        self._announce(done, total or done, last=True)
        return digest.hexdigest()

    def _stream(
        self, response: http.client.HTTPResponse, digest: hashlib._Hash, start: int, total: int
    ) -> int:
        done = start
        with self._part.open("r+b" if start else "wb") as file:
            file.seek(start)
            self._announce(done, total, last=True)
            while chunk := response.read1(CHUNK_BYTES):
                file.write(chunk)
                digest.update(chunk)
                done += len(chunk)
                self._check_total(max(done, total))
                self._stop_if_cancelled()
                self._announce(done, total)
        return done

    def _check_total(self, total: int) -> None:
        expected = self._source.bytes
        if expected and total and total != expected:
            raise ModelUnavailable(
                f"{self._source.url} has {total} bytes or more; {expected} were expected.",
                hint="The file there is another one. Check its row in configs/models.yaml.",
            )

    def _check_disk(self, missing: int) -> None:
        free = shutil.disk_usage(self._part.parent).free
        if missing + DISK_MARGIN_BYTES > free:
            raise StorageFailed(
                f"The checkpoint needs {missing} bytes more; {free} are free.",
                hint="Free some space, or choose a smaller model.",
            )

    def _remember_etag(self, response: http.client.HTTPResponse) -> None:
        etag = response.headers.get("ETag") or ""
        if etag and not etag.startswith("W/"):  # If-Range needs a strong ETag
            self._etag.write_text(etag, encoding="utf-8")
        else:
            self._etag.unlink(missing_ok=True)

    def _hash(self) -> hashlib._Hash:
        digest = hash_file(self._part, self._cancelled)
        self._stop_if_cancelled()
        return digest

    def _announce(self, done: int, total: int, *, last: bool = False) -> None:
        now_s = runtime.monotonic()
        if last or now_s - self._announced_s >= PROGRESS_EVERY_S:
            self._announced_s = now_s
            self._progress(done, total)

    def _wait(self, seconds: float) -> None:
        until_s = runtime.monotonic() + seconds
        while (left_s := until_s - runtime.monotonic()) > 0:
            self._stop_if_cancelled()
            runtime.sleep(min(left_s, 0.1))

    def _stop_if_cancelled(self) -> None:
        if self._cancelled():
            raise Cancelled(
                "The download was cancelled.", hint="What arrived is kept; select it to go on."
            )

    def _size(self) -> int:
        return self._part.stat().st_size if self._part.is_file() else 0

    def _unavailable(self, reason: str) -> ModelUnavailable:
        return ModelUnavailable(
            f"{self._source.url} cannot be fetched: {reason}.",
            hint="Check the network and select the model again: it goes on where it stopped. "
            f"Or put the file into checkpoints/ as {self._part.stem}.",
        )


def _start_of(response: http.client.HTTPResponse) -> int:
    """Find the offset at which the response starts: 0 unless the server honours the range."""
    if response.status != http.client.PARTIAL_CONTENT:
        return 0
    match = re.match(r"bytes (\d+)-", response.headers.get("Content-Range") or "")
    return int(match[1]) if match else 0


def _refuse_full_disk(error: BaseException) -> None:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        raise StorageFailed(
            "The disk is full.", hint="Free some space; what arrived is kept."
        ) from error
