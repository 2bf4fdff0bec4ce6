"""People who are in a demo's workspace twice, and three times: for the page of duplicates and its pictures."""

from __future__ import annotations

from typing import Any

from leadline.stage.town import Demo

PEOPLE: tuple[dict[str, Any], ...] = (
    {"role": "user", "external_id": "d1", "name": "Orla Keane", "phone": "+353866100001"},
    {"role": "lead", "external_id": "d2", "name": "Keane, Orla", "phone": "+353866100001"},
    {
        "role": "user",
        "external_id": "d3",
        "name": "Niamh Daly",
        "phone": "+353866100002",
        "email": "niamh@daly.example",
    },
    {"role": "lead", "external_id": "d4", "name": "Niamh Daly", "phone": "+353866100002"},
    {"role": "lead", "external_id": "d5", "name": "Niamh Daly", "phone": "+353866100002", "email": "nd@shop.example"},
    {"role": "user", "external_id": "d6", "name": "Padraig Foley", "email": "padraig.foley@gmail.com"},
    {"role": "user", "external_id": "d7", "name": "Padraig Foley", "email": "padraigfoley@gmail.com"},
    {"role": "user", "external_id": "d8", "name": "Sorcha Quinn", "phone": "+353866100004"},
    {"role": "lead", "external_id": "d9", "name": "Sorcha Quinn", "phone": "+353866100004"},
    {"role": "user", "external_id": "e1", "name": "Cathal Roche", "phone": "+353866100005"},
    {"role": "lead", "external_id": "e2", "name": "Cathal Roche", "phone": "+353866100005"},
    {"role": "user", "external_id": "e3", "name": "Ines Moreau", "email": "ines@moreau.example"},
    {"role": "lead", "external_id": "e4", "name": "Inès Moreau", "email": "ines@moreau.example"},
)


async def duplicates_in(demo: Demo) -> None:
    """Made in the sandbox, known to the directory, and compared."""
    leadline = demo.leadline
    for person in PEOPLE:
        await leadline.workspace.client.call("POST", "/contacts", body=person)
    await leadline.directory.walk(leadline.workspace)
    assert await leadline.duplicates.scan(leadline.workspace.workspace_id) is not None
