-- name: words_of^
-- A message of either side by the provider's id of it: what a customer wrote, or what was sent to them.
select 'customer' as author, content ->> 'text' as text,
    coalesce(content #>> '{attachments,0,name}', content #>> '{attachments,0,content_type}', '') as file
from arrival
where workspace_id = :workspace_id and source = :source and dedupe = :provider_id and kind = 'message'
union all
select 'business', message ->> 'text',
    coalesce(message #>> '{attachments,0,name}', message #>> '{attachments,0,content_type}', '')
from outbound
where workspace_id = :workspace_id and channel_id = :channel_id and provider_ids @> array[:provider_id]
limit 1;

-- name: last_choices^
-- The choices that the last message to this customer on this channel listed by numbers, if it listed any.
select message -> 'choices' as choices
from outbound
where workspace_id = :workspace_id and channel_id = :channel_id and message ->> 'to' = :sender and not stopped
    and (conversation_id, part_id) = (
        select conversation_id, part_id from outbound
        where workspace_id = :workspace_id and channel_id = :channel_id and message ->> 'to' = :sender and not stopped
        order by created_at desc limit 1
    )
    and message ->> 'numbered' = 'true' and message ? 'choices'
limit 1;

-- name: said_in
-- What both sides said in a conversation, the latest first, by the provider's ids. What only changed or withdrew a
-- message is none. Older messages cannot be quoted: WhatsApp forgets them after 30 days (contextual replies, July 2026).
select number, text, ref from (
    select a.dedupe as number, coalesce(a.content ->> 'text', '') as text,
        coalesce(a.content ->> 'quote_ref', '') as ref, a.arrived_at as at
    from step s
    join arrival a on a.workspace_id = s.workspace_id and a.arrival_id = substring(s.owner from '^arrival:(.*)$')::bigint
    where s.workspace_id = :workspace_id and s.conversation_id = :conversation_id and s.step = 0
        and s.owner ~ '^arrival:[0-9]+$' and a.kind = 'message' and a.channel_id = :channel_id
        and coalesce(a.content ->> 'change', '') = ''
    union all
    select provider_ids[1], coalesce(message ->> 'text', ''), quote_ref, created_at
    from outbound
    where workspace_id = :workspace_id and conversation_id = :conversation_id and channel_id = :channel_id
        and provider_ids <> '{}'
) as said
where at > now() - interval '30 days'
order by at desc limit :count;

-- name: echoed^
-- Whether a message of the business was sent by Leadline; and whether a send to this customer has no answer yet.
select
    exists (
        select 1 from outbound
        where workspace_id = :workspace_id and channel_id = :channel_id and provider_ids @> array[:number]
    ) as ours,
    exists (
        select 1 from outbound
        where workspace_id = :workspace_id and channel_id = :channel_id and message ->> 'to' = :sender
            and state = 'sending'
    ) as sending;

-- name: last_written^
-- The customer's last message in a conversation, as its provider names it.
select a.dedupe as number, coalesce(a.content ->> 'read_ref', '') as ref
from step s
join arrival a on a.workspace_id = s.workspace_id and a.arrival_id = substring(s.owner from '^arrival:(.*)$')::bigint
where s.workspace_id = :workspace_id and s.conversation_id = :conversation_id and s.step = 0
    and s.owner ~ '^arrival:[0-9]+$' and a.kind = 'message' and a.channel_id = :channel_id
    and coalesce(a.content ->> 'change', '') = ''
order by a.arrival_id desc
limit 1;
