"""What builds and ships Leadline, run by `make`, and the files that run it elsewhere."""
