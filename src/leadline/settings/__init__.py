"""Typed settings of the installation: what there is (`known.py`), how it is read (`reading.py`), what may be wrong."""

from leadline.settings.checks import weakness
from leadline.settings.known import PREFIX, SECRETS, Settings, toml_text
from leadline.settings.reading import FOLDERS_FILE, NOT_SETTINGS, SYSTEM_FILE, load, needed, require

__all__ = [
    "FOLDERS_FILE",
    "NOT_SETTINGS",
    "PREFIX",
    "SECRETS",
    "SYSTEM_FILE",
    "Settings",
    "load",
    "needed",
    "require",
    "toml_text",
    "weakness",
]
