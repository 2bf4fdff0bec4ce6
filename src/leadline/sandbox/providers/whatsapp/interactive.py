"""WhatsApp's questions with buttons or a list, as the customer sees them and as Meta checks them.

The fakes of every provider that passes them on use it. Source: interactive messages, Cloud API v23.0, November 2026.
"""

from __future__ import annotations

from typing import Any


def question(value: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The words of the question, and what can be tapped on."""
    return str(value.get("body", {}).get("text", "")), tuple(str(reply.get("title", "")) for reply in _replies(value))


def question_trouble(value: Any) -> str:
    """What Meta would refuse; empty where it takes it."""
    if not isinstance(value, dict) or value.get("type") not in ("button", "list"):
        return "interactive needs a type"
    text, choices = question(value)
    most, longest = (3, 20) if value["type"] == "button" else (10, 24)
    checks = [
        (not 0 < len(text) <= 1024, "body must have 1 to 1024 characters"),
        (not 0 < len(choices) <= most, f"there must be 1 to {most} choices"),
        (any(not 0 < len(choice) <= longest for choice in choices), f"a title has 1 to {longest} characters"),
        (len(set(choices)) < len(choices), "titles must be different"),
    ]
    return next((why for wrong, why in checks if wrong), "")


def _replies(value: dict[str, Any]) -> list[dict[str, Any]]:
    action = value.get("action", {})
    if value.get("type") == "list":
        return [row for section in action.get("sections", ()) for row in section.get("rows", ())]
    return [button.get("reply", button) for button in action.get("buttons", ())]
