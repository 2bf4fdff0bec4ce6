"""The audit's page and its export."""
