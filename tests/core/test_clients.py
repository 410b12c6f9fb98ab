"""Clients of one browser belong to one person."""

from __future__ import annotations

from sam2_session.core.clients import Client

ADA = Client("one", "browser", "Ada")


def test_a_person_is_known_by_window_or_browser() -> None:
    assert ADA.is_person_of(Client("one"))
    assert ADA.is_person_of(Client("two", "browser"))
    assert not ADA.is_person_of(Client("two", "another"))
    assert not Client("one").is_person_of(Client("two"))


def test_a_person_without_a_name_is_somebody_else() -> None:
    assert (ADA.shown_name, Client("one").shown_name) == ("Ada", "Somebody else")
    assert ADA.to_wire() == {"client_id": "one", "person_id": "browser", "name": "Ada"}
