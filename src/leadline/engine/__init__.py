"""Durable work that knows neither channels nor Intercom.

What arrives is kept (`keep.py`); each sender's lane is worked through in order by one worker at a time (`lanes.py`,
`worker.py`); what a machine must not decide is parked (`parked.py`).
"""
