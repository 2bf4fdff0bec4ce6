"""Addresses of contacts and conversations in Intercom's own pages, for people. The CLI and the console show them."""

from __future__ import annotations

HOSTS = {"EU": "app.eu.intercom.com", "AU": "app.au.intercom.com"}
"""Region of a workspace → host of its pages; everywhere else it is app.intercom.com."""


def contact_page(region: str, workspace_id: str, contact_id: str) -> str:
    """The page of a contact; empty where there is none."""
    return f"{_workspace(region, workspace_id)}/users/{contact_id}/all-conversations" if contact_id else ""


def conversation_page(region: str, workspace_id: str, conversation_id: str) -> str:
    """Where a teammate opens a conversation; empty where there is none."""
    return f"{_workspace(region, workspace_id)}/conversations/{conversation_id}" if conversation_id else ""


def _workspace(region: str, workspace_id: str) -> str:
    return f"https://{HOSTS.get(region.upper(), 'app.intercom.com')}/a/apps/{workspace_id}"
