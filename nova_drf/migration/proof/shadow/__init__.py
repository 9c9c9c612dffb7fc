"""The new code runs aside, on a sample of the requests that the old code answers."""
