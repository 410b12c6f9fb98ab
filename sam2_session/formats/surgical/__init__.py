"""Layouts of surgical challenges: EndoVis 2017 and 2018, SAR-RARP50."""
