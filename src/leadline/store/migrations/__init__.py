"""Leadline's schema, one SQL file a step, run forward only at start."""
