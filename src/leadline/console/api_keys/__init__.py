"""Keys by which other systems use the API: made, given another token, revoked."""

from leadline.console.api_keys.page import draw
from leadline.console.language import marked
from leadline.console.shell.page import Page

API_KEYS = Page("/api-keys", marked("API keys"), "api_keys", draw, menu=marked("API keys"), keys="g k")

__all__ = ["API_KEYS"]
