-- Reads of the demo's page.

-- name: conversations_with_last_words
-- Conversations with what was said last in them, by whichever side; notes do not count.
select c.conversation_id, c.channel_id, c.handle, c.sender,
    coalesce(extract(epoch from c.last_inbound_at), 0)::float8 as written_at,
    coalesce(said.text, '') as last_text, coalesce(said.ours, false) as last_ours
from conversation c
left join lateral (
    select * from (
        (select a.content ->> 'text' as text, false as ours, a.arrived_at as at
        from step s
        join arrival a on a.workspace_id = s.workspace_id
            and a.arrival_id = substring(s.owner from '^arrival:(.*)$')::bigint
        where s.workspace_id = c.workspace_id and s.conversation_id = c.conversation_id and s.step = 0
            and s.owner ~ '^arrival:[0-9]+$' and a.kind = 'message'
        order by a.arrival_id desc limit 1)
        union all
        (select message ->> 'text', true, created_at from outbound o
        where o.workspace_id = c.workspace_id and o.conversation_id = c.conversation_id
        order by created_at desc, piece desc limit 1)
    ) as both_sides
    order by at desc limit 1
) as said on true
where c.workspace_id = :workspace_id and c.conversation_id = any(:conversation_ids::text[]);
