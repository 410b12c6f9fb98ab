"""Approving masks, and dropping them."""
