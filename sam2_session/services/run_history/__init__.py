"""Lists the runs of a video as versions, compares them with what was before, rolls them back."""
