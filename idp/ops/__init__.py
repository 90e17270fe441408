"""Jobs and questions of operation, callable from the command line and from the web: health, purge, refresh.

Owns: what the doctor asks, what is purged, what a job does once. Does not own: scheduling, output.
May import: the two halves' lower packages and the leaves; no frameworks.
"""
