"""A probe crosses to a decoder process and back unchanged."""

from __future__ import annotations

import json
from fractions import Fraction

from sam2_session.services.decoding.wire import probe_from_wire, probe_to_wire
from sam2_session.storage.probe import VideoProbe


def test_a_probe_arrives_whole() -> None:
    sent = VideoProbe(720, 576, 90, Fraction(30000, 1001), Fraction(1, 90000), 12, Fraction(64, 45))

    assert probe_from_wire(json.loads(json.dumps(probe_to_wire(sent)))) == sent
