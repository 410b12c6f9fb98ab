"""Masks as a stream of bytes, made while they are sent."""
