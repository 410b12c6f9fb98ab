"""Renders the page's templates, with addresses of its files that a browser may keep for ever."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template, request, url_for

from sam2_session import __version__
from sam2_session.web.page_files import PageFile, PageFiles, compressible


class Pages:
    """Makes a response from a template; in it `file_url(path)` is the address of a file."""

    def __init__(self, files: PageFiles) -> None:
        self._files = files

    def render(self, template: str, *, policy: str, **values: Any) -> Response:
        """Render a template under a Content-Security-Policy."""
        version = self._files.newest()

        def file_url(path: str) -> str:
            return url_for("page.static", filename=version.address(path))

        text = render_template(
            template,
            version=__version__,
            file_url=file_url,
            vendored=version.vendored,
            **values,
        )
        page = compressible(request, PageFile(text.encode(), "text/html"))
        page.headers["Content-Security-Policy"] = policy
        return page
