"""How much a message costs the worker: statements, commits, CPU time and messages a second, see run.py."""
