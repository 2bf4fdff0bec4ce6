"""A workspace that has grown: any number of senders and messages, written by the database itself.

For benchmarks, and for the test of the query plans. However many messages there are, they came within ten days: none is
old enough to be purged, which a worker would do beside what is measured.
"""

from __future__ import annotations

from typing import Any

from psycopg import AsyncConnection

SPAN = 864_000  # seconds within which all messages came
# One statement each; {senders} and {messages} are numbers, {apart} the seconds between two messages. Keys look like
# real ones and are as long.
TABLES = {
    "handle": """
        insert into handle (workspace_id, handle, name, last_at)
        select 'w', 'tel:+353' || 800000000 + n, 'Person ' || n, now() - n * interval '1 second'
        from generate_series(1, {senders}) n""",
    "link": """
        insert into link (workspace_id, handle, contact_id, role, evidence, author, arrival_id)
        select 'w', 'tel:+353' || 800000000 + n, '6650a0' || lpad(to_hex(n), 18, '0'), 'user', 'unique_phone',
            'leadline',
            n
        from generate_series(1, {senders}) n""",
    "lane": """
        insert into lane (workspace_id, lane, ready)
        select 'w', 'tel:+353' || 800000000 + n, false from generate_series(1, {senders}) n""",
    "lane_join": """
        insert into lane_join (workspace_id, name, lane)
        select 'w', 'whatsapp:1/IE.' || n, 'tel:+353' || 800000000 + n from generate_series(1, {senders}, 5) n""",
    "conversation": """
        insert into conversation (workspace_id, conversation_id, channel_id, handle, contact_id, sender,
            last_inbound_at)
        select 'w', '2154' || 70000000000 + n, 1, 'tel:+353' || 800000000 + n,
            '6650a0' || lpad(to_hex(n), 18, '0'), '+353' || 800000000 + n, now() - n * interval '1 second'
        from generate_series(1, {senders}) n""",
    "directory_entry": """
        insert into directory_entry (workspace_id, contact_id, role, name, email, updated_at, keys)
        select 'w', '6650a0' || lpad(to_hex(n), 18, '0'), 'user', 'person ' || n, 'p' || n || '@example.com',
            1780000000 + n, array[353800000000 + n, -n]::bigint[]
        from generate_series(1, {senders}) n""",
    "consent": """
        insert into consent (workspace_id, channel_id, handle, about, state, source, arrival_id)
        select 'w', 1, 'tel:+353' || 800000000 + n, 'everything', 'out', 'word', n
        from generate_series(1, {senders}, 10) n""",
    "attestation": """
        insert into attestation (workspace_id, phone, handle, arrival_id)
        select 'w', 'tel:+353' || 800000000 + n, 'whatsapp:1/IE.' || n, n from generate_series(1, {senders}, 10) n""",
    "distinct_pair": """
        insert into distinct_pair (workspace_id, handle, contact_id, author)
        select 'w', 'tel:+353' || 800000000 + n, '6650a0' || lpad(to_hex(n + 1), 18, '0'), 'Ciara'
        from generate_series(1, {senders}, 20) n""",
    "correction": """
        insert into correction (workspace_id, kind, handle, handles, from_id, into_id, author, before)
        select 'w', 'attach', 'tel:+353' || 800000000 + n, array['tel:+353' || 800000000 + n],
            '6650a0' || lpad(to_hex(n), 18, '0'), '6650a0' || lpad(to_hex(n + 1), 18, '0'), 'Ciara', '[]'
        from generate_series(1, {senders}, 20) n""",
    "merge": """
        insert into merge (workspace_id, from_id, into_id, way, author, state, settled_at)
        select 'w', '7777a0' || lpad(to_hex(n), 18, '0'), '6650a0' || lpad(to_hex(n), 18, '0'), 'merge', 'Ciara',
            'merged',
            now()
        from generate_series(1, {senders}, 20) n""",
    "avatar": """
        insert into avatar (workspace_id, key, handle, content_type, content)
        select 'w', lpad(to_hex(n), 32, '0'), 'tel:+353' || 800000000 + n, 'image/png', '\\x00'
        from generate_series(1, {senders}, 10) n""",
    "file_link": """
        insert into file_link (workspace_id, key, conversation_id, part_id, place)
        select 'w', lpad(to_hex(n), 32, '0'), '2154' || 70000000000 + n, n, 'https://example.com/' || n
        from generate_series(1, {senders}, 10) n""",
    "raw": """
        insert into raw (workspace_id, raw_id, channel_id, method, url, headers, body, received_at)
        select 'w', lpad(to_hex(n), 32, '0')::uuid, 1, 'POST', 'https://leadline.example.com/in/…',
            '{{"content-type": "application/x-www-form-urlencoded", "user-agent": "TwilioProxy/1.1"}}',
            convert_to(repeat('ToCountry=IE&FromCity=DUBLIN&', 16), 'utf8'),
                now() - ({messages} - n) * interval '{apart} s'
        from generate_series(1, {messages}) n""",
    "arrival": """
        insert into arrival (workspace_id, raw_id, channel_id, source, dedupe, kind, lane, content, state, reason,
            arrived_at, settled_at)
        select 'w', lpad(to_hex(n), 32, '0')::uuid, 1, 'channel:1', 'SM' || lpad(to_hex(n), 32, '0'), 'message',
            'tel:+353' || 800000000 + 1 + n % {senders},
            jsonb_build_object('provider_id', 'SM' || lpad(to_hex(n), 32, '0'), 'sender',
                '+353' || 800000000 + 1 + n % {senders}, 'text', 'My parcel has not arrived yet. Order number ' || n),
            case when n % 1000 = 0 then 'parked' else 'done' end,
                case when n % 1000 = 0 then 'unreadable' else '' end,
            now() - ({messages} - n) * interval '{apart} s', now() - ({messages} - n) * interval '{apart} s'
        from generate_series(1, {messages}) n""",
    "decision": """
        insert into decision (workspace_id, arrival_id, contact_id, code, policy, document)
        select 'w', arrival_id, '6650a0' || lpad(to_hex((1 + arrival_id % {senders})::int), 18, '0'),
            case when arrival_id % 5 = 0 then 'new_lead' else 'known_link' end, 'latest_updated', '{{"reasons": []}}'
        from arrival where workspace_id = 'w'""",
    "step": """
        insert into step (workspace_id, owner, step, kind, conversation_id, part_id, begun_at, done_at, since)
        select 'w', 'arrival:' || n, 0, 'reply', '2154' || 70000000000 + 1 + n % {senders}, (900000000 + n)::text,
            now() - ({messages} - n) * interval '{apart} s', now(), 0
        from generate_series(1, {messages}) n""",
    "outbound": """
        insert into outbound (workspace_id, outbound_id, conversation_id, part_id, piece, channel_id, message,
            author, state,
            provider_ids, handle, contact_id, created_at)
        select 'w', lpad(to_hex(n), 32, '0'), '2154' || 70000000000 + 1 + n % {senders}, (700000000 + n)::text, 0, 1,
            jsonb_build_object('to', '+353' || 800000000 + 1 + n % {senders}, 'text', 'It is on its way'), 'Ciara',
            'delivered', array['SM' || lpad(to_hex(n + 5000000), 32, '0')],
                'tel:+353' || 800000000 + 1 + n % {senders},
            '6650a0' || lpad(to_hex(1 + n % {senders}), 18, '0'), now() - ({messages} - n) * interval '{apart} s'
        from generate_series(1, {messages}, 3) n""",
}


async def fill(connection: AsyncConnection[Any], senders: int, messages: int) -> None:
    """Workspace `w` with a channel, its senders and their messages, all done. The connection commits by itself."""
    await connection.execute("set session_replication_role = replica")  # rows as they are, without triggers
    await connection.execute("insert into workspace (workspace_id) values ('w') on conflict do nothing")
    await connection.execute(
        "insert into channel (workspace_id, provider, name, key, settings) values ('w', 'twilio_sms', 'SMS', %s, '')",
        ["f" * 32],
    )
    for statement in TABLES.values():
        text = statement.format(senders=senders, messages=messages, apart=SPAN / messages)
        await connection.execute(text.encode())
    await connection.execute("vacuum analyze")
