"""Spreads videos over the devices of a Ray cluster; the only home of ray."""
