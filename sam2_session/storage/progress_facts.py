"""Reads how far a video is annotated and processed, for lists of many videos."""

from __future__ import annotations

import json
from dataclasses import astuple, dataclass

from sam2_session.core.conditioning import conditioning, is_from
from sam2_session.core.types import SessionKey
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import prompted_digests
from sam2_session.storage.mask_rows import list_runs

_USED = "JOIN instances USING (instance_id) WHERE NOT deleted AND NOT locked"


@dataclass(frozen=True, slots=True)
class ProgressFacts:
    """Counts of one video over its living instances.

    `processed_to` is the last frame that finished runs of the prompts as they are reached for every
    pair; -1 if there is none. `rev` counts the changes of the video.
    """

    prompted_frames: int = 0
    masks: int = 0
    approved: int = 0
    processed_to: int = -1
    rejected: int = 0
    rev: int = 0


def read_progress(tx: Transaction) -> ProgressFacts:
    """Read the facts of a video; locked instances do not count, since runs leave them alone.

    Raises ValueError if one is no whole number: it would break the lists that compare them.
    """
    frames, masks, approved, rejected, rev = tx.execute(
        f"SELECT (SELECT count(*) FROM frames {_USED} AND prompted),"
        f" (SELECT count(*) FROM masks {_USED}),"
        f" (SELECT count(*) FROM masks {_USED} AND approved),"
        f" (SELECT count(*) FROM masks {_USED} AND rejected IS NOT NULL),"
        " (SELECT value FROM meta WHERE name = 'rev')"
    ).fetchone()
    pairs = tx.execute(f"SELECT DISTINCT instance_id, region FROM frames {_USED} AND prompted")
    reached = [_processed_to(tx, SessionKey("", *pair)) for pair in pairs.fetchall()]
    facts = ProgressFacts(frames, masks, approved, min(reached, default=-1), rejected, rev)
    if not all(isinstance(value, int) for value in astuple(facts)):
        raise ValueError(f"a count is no whole number: {facts}")
    return facts


def _processed_to(tx: Transaction, key: SessionKey) -> int:
    prompts = prompted_digests(tx, key)
    current = [
        run.last_frame
        for run in list_runs(tx, key)
        if run.complete
        and is_from(run.conditioning, conditioning(prompts, _network_of(tx, run.run)))
    ]
    return max(current, default=-1)


def _network_of(tx: Transaction, run: int) -> str:
    """Return the signature of the network that made a run; empty if no job tells."""
    row = tx.execute("SELECT params FROM jobs WHERE run = ?", (run,)).fetchone()
    return str(json.loads(row[0]).get("network", "")) if row else ""
