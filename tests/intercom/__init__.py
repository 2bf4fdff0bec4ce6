"""Tests of leadline.intercom, and the scripted server they share."""
