"""A gateway that nobody wrote an adapter for, as a stand-in."""
