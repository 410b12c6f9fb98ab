"""Tables of facts about mask files, and of the runs that made them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sam2_session.core.masks import MaskFacts
from sam2_session.core.types import MaskFlag, MaskSource, SessionKey
from sam2_session.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class MaskRow:
    """One mask file: its source, run and revision.

    `network` is the network that drew a prompted mask; None for other masks, or if unknown.
    `absent`: a person said that the object is not there. `cleaned`: holes, specks and edge were
    put right after it was made. `rejection` is the reason why a person rejected it, may be empty;
    None if nobody did. A mask that is saved anew is rejected no longer. `agreement` is the IoU of
    the two masks between which a fill chose this one.
    """

    frame_idx: int
    rev: int
    source: MaskSource
    facts: MaskFacts
    run: int | None = None
    score: float | None = None
    approved: bool = False
    flags: tuple[MaskFlag, ...] = ()
    network: str | None = None
    absent: bool = False
    cleaned: bool = False
    rejection: str | None = None
    agreement: float | None = None

    def to_wire(self) -> dict[str, Any]:
        """Convert to the wire's form, in `mask_saved` and in lists."""
        agreement = {} if self.agreement is None else {"agreement": self.agreement}
        return {
            "frame_idx": self.frame_idx,
            "rev": self.rev,
            "source": self.source.value,
            "score": self.score,
            **self.facts.to_wire(),
            "run": self.run,
            "approved": self.approved,
            "flags": [flag.value for flag in self.flags],
            "absent": self.absent,
            "cleaned": self.cleaned,
            "rejected": self.rejection is not None,
            "reason": self.rejection,
            **agreement,
        }


@dataclass(frozen=True, slots=True)
class RunRow:
    """One pair of a run: its prompts as a digest, the frames it covers, and whether it is done.

    `prompted` counts the prompted frames that it was conditioned on.
    """

    run: int
    conditioning: str
    first_frame: int
    last_frame: int
    complete: bool
    prompted: int = 0


_FIELDS = (
    "frame_idx, rev, source, area, box, run, score, approved, flags, network, absent, cleaned,"
    " rejected, agreement"
)
_PAIR = "instance_id = ? AND region = ?"


def list_masks(tx: Transaction, key: SessionKey) -> list[MaskRow]:
    """List the masks of a pair, by frame."""
    rows = tx.execute(
        f"SELECT {_FIELDS} FROM masks WHERE {_PAIR} ORDER BY frame_idx",
        (key.instance_id, key.region),
    )
    return [_mask(row) for row in rows]


def mask_marks(tx: Transaction) -> dict[tuple[int, str], tuple[tuple[int, ...], tuple[int, ...]]]:
    """Read two marks of each pair: one changes with any of its masks, one with any approval."""
    rows = tx.execute(
        "SELECT instance_id, region, max(rev), count(*), sum(absent), sum(approved),"
        " sum(approved * frame_idx), sum(approved * frame_idx * frame_idx) FROM masks GROUP BY 1, 2"
    )
    return {(n, region): (tuple(marks[:3]), tuple(marks[3:])) for n, region, *marks in rows}


def read_mask(tx: Transaction, key: SessionKey, frame_idx: int) -> MaskRow | None:
    """Read the mask of one frame, or None."""
    row = tx.execute(
        f"SELECT {_FIELDS} FROM masks WHERE {_PAIR} AND frame_idx = ?",
        (key.instance_id, key.region, frame_idx),
    ).fetchone()
    return None if row is None else _mask(row)


def masks_between(tx: Transaction, key: SessionKey, first: int, last: int) -> list[MaskRow]:
    """List the masks of a pair from frame `first` to `last`, by frame."""
    rows = tx.execute(
        f"SELECT {_FIELDS} FROM masks WHERE {_PAIR} AND frame_idx BETWEEN ? AND ?"
        " ORDER BY frame_idx",
        (key.instance_id, key.region, first, last),
    )
    return [_mask(row) for row in rows]


def drawn_by_others(tx: Transaction, network: str) -> bool:
    """Tell if another network drew the mask of any prompted frame; approved masks do not count."""
    query = (
        "SELECT 1 FROM masks WHERE network IS NOT NULL AND network != ? AND NOT approved LIMIT 1"
    )
    return tx.execute(query, (network,)).fetchone() is not None


def save_mask(tx: Transaction, key: SessionKey, mask: MaskRow) -> None:
    """Save the facts of a mask whose file is in place."""
    tx.execute(
        f"INSERT OR REPLACE INTO masks (instance_id, region, {_FIELDS})"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            key.instance_id,
            key.region,
            mask.frame_idx,
            mask.rev,
            mask.source.value,
            mask.facts.area,
            json.dumps(mask.facts.box) if mask.facts.box else None,
            mask.run,
            mask.score,
            mask.approved,
            " ".join(mask.flags),
            mask.network,
            mask.absent,
            mask.cleaned,
            mask.rejection,
            mask.agreement,
        ),
    )


def approved_as(mask: MaskRow | None, rev: int) -> str | None:
    """Name the network that drew an approved mask, empty for a hand.

    None if the mask is not approved, or not that of the frame's revision `rev`.
    """
    if mask is None or not mask.approved or mask.rev != rev:
        return None
    return mask.network or ""


def approve_masks(
    tx: Transaction, key: SessionKey, span: tuple[int, int], approved: bool
) -> list[int]:
    """Set or clear the approval of masks in a span (first, last); return the changed frames.

    An approved mask is no longer rejected.
    """
    accept = ", rejected = NULL" if approved else ""
    rows = tx.execute(
        f"UPDATE masks SET approved = ?{accept} WHERE {_PAIR} AND frame_idx BETWEEN ? AND ?"
        " AND approved != ? RETURNING frame_idx",
        (approved, key.instance_id, key.region, *span, approved),
    )
    return [frame_idx for (frame_idx,) in rows.fetchall()]


def reject_masks(
    tx: Transaction, key: SessionKey, span: tuple[int, int], reason: str | None
) -> list[int]:
    """Reject masks in a span (first, last), or with None take that back; return changed frames.

    A rejected mask is not approved.
    """
    unapprove = "" if reason is None else ", approved = 0"
    rows = tx.execute(
        f"UPDATE masks SET rejected = ?{unapprove} WHERE {_PAIR} AND frame_idx BETWEEN ? AND ?"
        " AND rejected IS NOT ? RETURNING frame_idx",
        (reason, key.instance_id, key.region, *span, reason),
    )
    return [frame_idx for (frame_idx,) in rows.fetchall()]


def flag_mask(
    tx: Transaction, key: SessionKey, frame_idx: int, flags: Sequence[MaskFlag]
) -> MaskRow | None:
    """Add flags to a stored mask and nothing else; None if it was deleted meanwhile."""
    stored = read_mask(tx, key, frame_idx)
    if stored is None:
        return None
    raised = (*flags, *(flag for flag in stored.flags if flag not in flags))
    tx.execute(
        f"UPDATE masks SET flags = ? WHERE {_PAIR} AND frame_idx = ?",
        (" ".join(raised), key.instance_id, key.region, frame_idx),
    )
    return replace(stored, flags=raised)


def drop_mask(tx: Transaction, key: SessionKey, frame_idx: int) -> bool:
    """Delete a mask's row; return whether there was one."""
    cursor = tx.execute(
        f"DELETE FROM masks WHERE {_PAIR} AND frame_idx = ?",
        (key.instance_id, key.region, frame_idx),
    )
    return cursor.rowcount > 0


def begin_run(tx: Transaction, key: SessionKey, run: RunRow) -> None:
    """Record that a run of a pair begins, or begins anew; the counts of its masks stay."""
    columns = "conditioning, first_frame, last_frame, complete, prompted"
    anew = ", ".join(f"{column} = excluded.{column}" for column in columns.split(", "))
    tx.execute(
        f"INSERT INTO runs (run, instance_id, region, {columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        f" ON CONFLICT DO UPDATE SET {anew}",
        (
            run.run,
            key.instance_id,
            key.region,
            run.conditioning,
            run.first_frame,
            run.last_frame,
            run.complete,
            run.prompted,
        ),
    )


def complete_run(tx: Transaction, run: int) -> None:
    """Record that every pair of a run reached its last frame."""
    tx.execute("UPDATE runs SET complete = 1 WHERE run = ?", (run,))


def break_runs(tx: Transaction, key: SessionKey) -> None:
    """Detach the pair's unfinished runs from their prompts, so that their masks are stale.

    Needed when a prompt that they use is removed, or a new one lies in the way of their masks.
    """
    tx.execute(
        f"UPDATE runs SET conditioning = '' WHERE {_PAIR} AND NOT complete"
        " AND run IN (SELECT run FROM jobs WHERE state IN ('queued', 'running'))",
        (key.instance_id, key.region),
    )


def reopen_runs(tx: Transaction, key: SessionKey) -> None:
    """Let the pair's finished runs be made again, though no prompt changed."""
    tx.execute(f"UPDATE runs SET complete = 0 WHERE {_PAIR}", (key.instance_id, key.region))


def forget_runs(tx: Transaction, key: SessionKey) -> None:
    """Delete all runs of a pair: none will be resumed, and none counts as done."""
    tx.execute(f"DELETE FROM runs WHERE {_PAIR}", (key.instance_id, key.region))


def drop_run(tx: Transaction, key: SessionKey, run: int) -> None:
    """Delete one run of a pair: it was taken back."""
    tx.execute(f"DELETE FROM runs WHERE {_PAIR} AND run = ?", (key.instance_id, key.region, run))


def list_runs(tx: Transaction, key: SessionKey) -> list[RunRow]:
    """List the runs of a pair, newest first."""
    rows = tx.execute(
        f"SELECT run, conditioning, first_frame, last_frame, complete FROM runs WHERE {_PAIR}"
        " ORDER BY run DESC",
        (key.instance_id, key.region),
    )
    return [RunRow(run, text, first, last, bool(done)) for run, text, first, last, done in rows]


def mask_of_wire(data: Mapping[str, Any]) -> MaskRow:
    """Read what `MaskRow.to_wire` wrote."""
    box = data["box"]
    return MaskRow(
        data["frame_idx"],
        data["rev"],
        MaskSource(data["source"]),
        MaskFacts(data["area"], tuple(box) if box else None),
        data["run"],
        data["score"],
        data["approved"],
        tuple(map(MaskFlag, data["flags"])),
        absent=data.get("absent", False),
        cleaned=data.get("cleaned", False),
        rejection=data.get("reason"),
        agreement=data.get("agreement"),
    )


def _mask(row: tuple[Any, ...]) -> MaskRow:
    (frame_idx, rev, source, area, box, run, score, approved, *more) = row
    flags, network, absent, cleaned, rejection, agreement = more
    return MaskRow(
        frame_idx,
        rev,
        MaskSource(source),
        MaskFacts(area, tuple(json.loads(box)) if box else None),
        run,
        score,
        bool(approved),
        tuple(map(MaskFlag, flags.split())),
        network,
        bool(absent),
        bool(cleaned),
        rejection,
        agreement,
    )
