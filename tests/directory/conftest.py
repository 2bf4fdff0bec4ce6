"""Leadline between a sandbox and no door, as for people."""

from tests.people.conftest import desk as desk
from tests.people.conftest import open_desk as open_desk
from tests.people.conftest import open_house as open_house
