"""LabelMe's JSON, one file for each picture; X-AnyLabeling writes the same."""
