"""`make attack`: a scripted attacker against a running Leadline on this machine, and what came of each try."""
