-- name: queue_outbound!
insert into outbound (workspace_id, outbound_id, conversation_id, part_id, piece, channel_id, message, author, handle,
    contact_id, state)
values (:workspace_id, :outbound_id, :conversation_id, :part_id, :piece, :channel_id, :message, :author, :handle,
    :contact_id, 'queued')
on conflict (workspace_id, conversation_id, part_id, piece) do nothing;

-- name: outbound_of_part
select * from outbound
where workspace_id = :workspace_id and conversation_id = :conversation_id and part_id = :part_id
order by piece;

-- name: outbound_for_update^
-- By our own id where the provider echoes it, else by the provider's.
select * from outbound
where workspace_id = :workspace_id and channel_id = :channel_id
    and (outbound_id = :outbound_id or (:provider_id <> '' and provider_ids @> array[:provider_id]))
order by outbound_id = :outbound_id desc
limit 1
for update;

-- name: outbound_until
-- Everything a watermark speaks of. What the provider took a moment after us counts as before it.
select * from outbound
where workspace_id = :workspace_id and channel_id = :channel_id and message ->> 'to' = :sender
    and state in ('sending', 'unknown', 'sent', 'delivered') and created_at <= to_timestamp(:until + 1.0)
order by created_at, piece
for update;

-- name: begin_outbound^
-- Before the call that may reach the customer. taken: no other try was quicker, and no report has told more. Nothing is
-- changed where the lane is another worker's by now (held is false).
with lease as (
    select :lane = '' or exists (
        select from lane where workspace_id = :workspace_id and lane = :lane and epoch = :epoch) as held
), taken as (
    update outbound set state = 'sending', changed_at = now()
    where workspace_id = :workspace_id and outbound_id = :outbound_id and state = any(:expected::text[])
        and (select held from lease)
    returning outbound_id
)
select held, exists (select from taken) as taken from lease;

-- name: requeue_outbound!
-- The provider surely has nothing. Only while no report has told more.
update outbound set state = 'queued', changed_at = now()
where workspace_id = :workspace_id and outbound_id = :outbound_id and state in ('queued', 'sending');

-- name: change_outbound!
update outbound
set state = :state, provider_ids = :provider_ids, parts = :parts, reason = :reason, code = :code,
    detail = :detail, stopped = :stopped, quote_ref = :quote_ref, changed_at = now()
where workspace_id = :workspace_id and outbound_id = :outbound_id;

-- name: reword_outbound!
-- The same message with what had to be renewed in it.
update outbound set message = :message where workspace_id = :workspace_id and outbound_id = :outbound_id;

-- name: outbound_of_conversation
select * from outbound where workspace_id = :workspace_id and conversation_id = :conversation_id
order by created_at desc, piece desc limit :count;

-- name: outbound_of_contact
select * from outbound where workspace_id = :workspace_id and contact_id = :contact_id and contact_id <> ''
order by created_at desc, piece desc limit :count;

-- name: given_before^
-- Whether anything was given to this customer on this channel before.
select exists (
    select 1 from outbound
    where workspace_id = :workspace_id and channel_id = :channel_id and message ->> 'to' = :sender
        and outbound_id <> :outbound_id and state <> 'queued' and not stopped
) as given;

-- name: take_reply_ref^
-- Used once, and only while the provider still takes it.
with found as (
    select workspace_id, conversation_id, reply_ref from conversation
    where workspace_id = :workspace_id and conversation_id = :conversation_id and reply_ref <> ''
        and reply_ref_at > now() - make_interval(secs => :fresh)
    for update
)
update conversation set reply_ref = ''
from found
where conversation.workspace_id = found.workspace_id and conversation.conversation_id = found.conversation_id
returning found.reply_ref as reply_ref;

-- name: opening^
-- How far a conversation is that a teammate's message begins; its id once it is there.
select a.state, a.reason, a.explanation, coalesce(s.conversation_id, '') as conversation_id
from arrival a
left join step s on s.workspace_id = :workspace_id and s.owner = :part_id and s.step = 0 and s.done_at is not null
where a.workspace_id = :workspace_id and a.source = 'leadline' and a.dedupe = :part_id || ':opening';

-- name: wrote_lately^
-- Whether a teammate's words were given to the provider in a conversation; span: seconds back, null for ever.
select 1 as wrote from outbound
where workspace_id = :workspace_id and conversation_id = :conversation_id and author = :author and not stopped
    and (:span::float8 is null or created_at > now() - make_interval(secs => :span::float8))
limit 1;
