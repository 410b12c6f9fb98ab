"""Table of the cleaning rules of pairs."""

from __future__ import annotations

import json

from sam2_session.core.cleaning import Cleaning
from sam2_session.core.types import SessionKey
from sam2_session.storage.database import Transaction


def read_rule(tx: Transaction, key: SessionKey) -> Cleaning:
    """Read the rule of a pair; without one it cleans nothing."""
    row = tx.execute(
        "SELECT rule FROM cleaning_rules WHERE instance_id = ? AND region = ?",
        (key.instance_id, key.region),
    ).fetchone()
    return Cleaning.from_json(json.loads(row[0])) if row else Cleaning()


def save_rule(tx: Transaction, key: SessionKey, rule: Cleaning) -> None:
    """Save the rule of a pair; one that cleans nothing is removed."""
    pair = (key.instance_id, key.region)
    tx.execute("DELETE FROM cleaning_rules WHERE instance_id = ? AND region = ?", pair)
    if rule:
        tx.execute(
            "INSERT INTO cleaning_rules VALUES (?, ?, ?)", (*pair, json.dumps(rule.to_json()))
        )
