"""A process that takes a video over goes on where the one before ended."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sam2_session.services.build import SessionServices
from tests.annotating import BODY, Annotator, annotating, mask_bytes, settings_of
from tests.networks import built_once


def test_masks_that_the_owner_before_did_not_get_to_follow_without_any_page(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    with annotating(settings) as ada:
        ada.open()
        ada.click(0, *BODY)
    wanted = mask_bytes(settings, 0)
    database = settings.outputs_dir / "clip/session.sqlite3"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("DELETE FROM masks")  # the click was acknowledged, no more

    with built_once(), closing(SessionServices(settings)) as services:
        services.find_videos()
        services.load_model()
        bob = Annotator(services, "bob")
        bob.until(lambda: any(m["state"] == "selected" for m in bob.call("list_models")["models"]))
        services.handover.take("clip")
        bob.until(lambda: mask_bytes(settings, 0) == wanted)
