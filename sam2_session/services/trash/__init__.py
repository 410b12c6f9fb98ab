"""Keeps deleted things for a while, and brings them back."""
