"""One table: DRF, ours, other libraries and views written by hand, side by side in one run."""
