"""Reading the files that offices hand over, and publishing them as snapshots."""
