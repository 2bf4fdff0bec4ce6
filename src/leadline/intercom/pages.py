"""Addresses of contacts and conversations in Intercom's own pages, for people. The CLI and the console show them."""

from __future__ import annotations

from urllib.parse import urlsplit

HOSTS = {"EU": "app.eu.intercom.com", "AU": "app.au.intercom.com"}
"""Region of a workspace → host of its pages; everywhere else it is app.intercom.com."""


def contact_page(api: str, region: str, workspace_id: str, contact_id: str) -> str:
    """The page of a contact; empty where there is none.

    api: the address Intercom is called at. What answers at another host, like the sandbox, has no pages at Intercom.
    """
    return _page(api, region, workspace_id, f"users/{contact_id}/all-conversations") if contact_id else ""


def conversation_page(api: str, region: str, workspace_id: str, conversation_id: str) -> str:
    """Where a teammate opens a conversation; empty where there is none, as for `contact_page`."""
    return _page(api, region, workspace_id, f"conversations/{conversation_id}") if conversation_id else ""


def _page(api: str, region: str, workspace_id: str, place: str) -> str:
    if not (urlsplit(api).hostname or "").endswith(".intercom.io"):
        return ""
    return f"https://{HOSTS.get(region.upper(), 'app.intercom.com')}/a/apps/{workspace_id}/{place}"
