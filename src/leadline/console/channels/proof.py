"""What the provider says of a channel's credentials, in a sentence for whoever pressed the button."""

from __future__ import annotations

from leadline.channels import channel as channel_of
from leadline.connections.proving import prove
from leadline.console.language import _
from leadline.console.retold import retold
from leadline.errors import SettingError
from leadline.store.channels import ChannelRow, ChannelStore


async def check_credentials(store: ChannelStore, row: ChannelRow) -> str:
    """Asks, and notes the answer; raises SettingError where the provider refuses them."""
    title, proof = channel_of(row.provider).title, await prove(store, row)
    if proof.trouble:
        raise SettingError(_("Saved, not proved. {why}", why=retold(proof.trouble)))
    if not proof.can_be_asked:
        return _("Saved, not proved: {provider} has no way to check credentials. Send a test message.", provider=title)
    return _("Connected: {provider} accepts the credentials of {name}.", provider=title, name=row.name)
