"""Links into Intercom's pages: only for a workspace that is Intercom's."""

from __future__ import annotations

import pytest

from leadline.intercom.pages import contact_page, conversation_page


@pytest.mark.parametrize(
    ("api", "region", "host"),
    [
        ("https://api.intercom.io", "US", "app.intercom.com"),
        ("https://api.eu.intercom.io/", "EU", "app.eu.intercom.com"),
        ("https://api.au.intercom.io", "AU", "app.au.intercom.com"),
    ],
)
def test_a_contact_and_a_conversation_have_a_page_in_their_region(api: str, region: str, host: str) -> None:
    assert contact_page(api, region, "abc", "65a") == f"https://{host}/a/apps/abc/users/65a/all-conversations"
    assert conversation_page(api, region, "abc", "12") == f"https://{host}/a/apps/abc/conversations/12"
    assert contact_page(api, region, "abc", "") == conversation_page(api, region, "abc", "") == ""


@pytest.mark.parametrize("api", ["http://127.0.0.1:8081", "http://sandbox:8081", "https://intercom.io.example", ""])
def test_the_sandbox_has_no_page_at_intercom(api: str) -> None:
    assert contact_page(api, "US", "sandbox", "65a") == conversation_page(api, "US", "sandbox", "12") == ""
