"""Frames carry messages unchanged, and invalid frames are refused."""

from __future__ import annotations

import socket
import struct
import threading

import pytest

from sam2_session.hosts.protocol import Channel, FrameError, decode, encode


def roundtrip(message: object) -> object:
    frame = encode(message)
    header_bytes, _ = struct.unpack("!II", frame[:8])
    return decode(frame[8 : 8 + header_bytes], frame[8 + header_bytes :])


def test_a_lone_buffer_is_a_message() -> None:
    assert roundtrip(b"\x00\x01") == b"\x00\x01"


def test_tuples_and_views_become_lists_and_bytes() -> None:
    assert roundtrip({"a": (1, memoryview(b"xy")), "b": bytearray(b"z")}) == {
        "a": [1, b"xy"],
        "b": b"z",
    }


@pytest.mark.parametrize("value", [object(), {1: "a"}, {"x": {1, 2}}, "\ud800"])
def test_what_is_no_json_is_refused_at_once(value: object) -> None:
    with pytest.raises(TypeError):
        encode({"kind": "answer", "value": value})


@pytest.mark.parametrize(
    ("header", "buffers"),
    [
        (b"", b""),
        (b"{}", b""),
        (b"[null,[[[],5]]]", b"abc"),
        (b"[null,[]]", b"extra"),
        (b'[{},[[["a","b"],1]]]', b"x"),
        (b"[null,[[[0],1]]]", b"x"),
        (b"\xff\xfe", b""),
    ],
)
def test_a_broken_frame_is_an_error_not_a_value(header: bytes, buffers: bytes) -> None:
    with pytest.raises(FrameError):
        decode(header, buffers)


def test_a_frame_over_its_limit_is_refused_before_it_is_read() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(struct.pack("!II", 2**32 - 1, 0))

        with pytest.raises(FrameError, match="limit"):
            Channel(ours).receive()


def test_a_peer_that_ends_in_mid_frame_is_the_end() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(encode({"kind": "beat"})[:-1])
        theirs.close()

        with pytest.raises(EOFError):
            Channel(ours).receive()


def test_messages_that_come_in_one_piece_are_taken_one_by_one() -> None:
    messages = [{"number": number, "png": b"\x89" * number} for number in range(3)]
    ours, theirs = socket.socketpair()
    with ours, theirs:
        Channel(theirs).send_frames(b"".join(map(encode, messages)))
        channel = Channel(ours)

        assert [channel.receive() for _ in messages] == messages


def test_a_message_may_come_byte_by_byte() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sender = threading.Thread(target=drip, args=(theirs, encode({"png": b"abc"})))
        sender.start()

        assert Channel(ours).receive() == {"png": b"abc"}
        sender.join()


def drip(peer: socket.socket, data: bytes) -> None:
    for at in range(len(data)):
        peer.sendall(data[at : at + 1])
