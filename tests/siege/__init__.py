"""Campaigns that attack a running server: ``make siege SCALE=0.1``."""
