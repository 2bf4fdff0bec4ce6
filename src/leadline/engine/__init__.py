"""Durable work: keeping what arrives, lanes, jobs, parked. Knows neither channels nor Intercom."""
