-- name: api_received
-- Messages of customers, newest first, before a number, among so many that are looked at: no index fits the filters.
with looked as (
    select * from arrival
    where workspace_id = :workspace_id and kind = 'message' and (:before::bigint is null or arrival_id < :before)
    order by arrival_id desc limit :looked
)
select 'in' as direction, l.arrival_id, l.arrived_at as at, l.channel_id, l.lane as address,
    coalesce(l.content ->> 'text', '') as text, l.state, l.reason,
    case when l.state = 'done' then '' else l.explanation end as explanation,
    coalesce(c.contact_id, d.contact_id, '') as contact_id, coalesce(s.conversation_id, '') as conversation_id
from looked l
left join decision d on d.workspace_id = l.workspace_id and d.arrival_id = l.arrival_id
left join step s on s.workspace_id = l.workspace_id and s.owner = 'arrival:' || l.arrival_id and s.step = 0
    and s.done_at is not null
left join conversation c on c.workspace_id = l.workspace_id and c.conversation_id = s.conversation_id
where coalesce(l.joined_by, l.arrival_id) = l.arrival_id
    and (:only::bigint is null or l.arrival_id = :only)
    and (:channel_id::bigint is null or l.channel_id = :channel_id)
    and (:contact_id::text is null or coalesce(c.contact_id, d.contact_id) = :contact_id)
    and (:conversation_id::text is null or s.conversation_id = :conversation_id)
    and (:since::timestamptz is null or l.arrived_at >= :since)
order by l.arrival_id desc limit :count;

-- name: api_sent
-- The same of messages to customers. Of a message in several pieces the state is that of the piece that did worst.
with looked as (
    select * from outbound
    where workspace_id = :workspace_id and (:at::timestamptz is null or (created_at, outbound_id) < (:at, :before))
    order by created_at desc, outbound_id desc limit :looked
)
select 'out' as direction, l.outbound_id, l.created_at as at, l.channel_id, l.handle as address, l.part_id,
    l.contact_id, l.conversation_id, whole.text,
    (array['failed', 'unknown', 'queued', 'sending', 'sent', 'delivered', 'read'])[whole.worst] as state,
    whole.reason, whole.explanation
from looked l
cross join lateral (
    select string_agg(coalesce(o.message ->> 'text', ''), chr(10) order by o.piece) as text,
        min(array_position(array['failed', 'unknown', 'queued', 'sending', 'sent', 'delivered', 'read'], o.state)) as worst,
        coalesce(max(o.reason), '') as reason, coalesce(max(o.detail), '') as explanation
    from outbound o
    where o.workspace_id = l.workspace_id and o.conversation_id = l.conversation_id and o.part_id = l.part_id
) whole
where l.piece = 0
    and (:channel_id::bigint is null or l.channel_id = :channel_id)
    and (:contact_id::text is null or l.contact_id = :contact_id)
    and (:conversation_id::text is null or l.conversation_id = :conversation_id)
    and (:since::timestamptz is null or l.created_at >= :since)
order by l.created_at desc, l.outbound_id desc limit :count;

-- name: api_sent_reached^
-- The last one that was looked at; nothing where there are no more before it.
select created_at as at, outbound_id from outbound
where workspace_id = :workspace_id and (:at::timestamptz is null or (created_at, outbound_id) < (:at, :before))
order by created_at desc, outbound_id desc offset :looked limit 1;

-- name: api_sent_part
-- One message to a customer: its pieces.
select outbound_id, created_at as at, channel_id, handle as address, contact_id, conversation_id, part_id, state, reason,
    detail as explanation, coalesce(message ->> 'text', '') as text
from outbound
where workspace_id = :workspace_id and conversation_id = :conversation_id and part_id = :part_id
order by piece;

-- name: api_begun
-- A message that was begun here, as it is kept: the conversation it opens first, then itself.
select arrival_id, kind, content, channel_id, state, reason, explanation, arrived_at as at from arrival
where workspace_id = :workspace_id and source = 'leadline'
    and dedupe = any(array[:part_id, :part_id || ':opening'])
order by arrival_id desc;

-- name: api_consents
-- What one address said about messages on a channel, or had said for it under the hash of one that was erased.
select about, state, source, since from consent
where workspace_id = :workspace_id and channel_id = :channel_id and handle = any(:handles::text[])
    and superseded_at is null
order by state = 'out' desc, since desc;

-- name: api_arrival^
select arrival_id from arrival where workspace_id = :workspace_id and source = 'leadline' and dedupe = :dedupe;

-- name: api_send^
select fingerprint, part_id from api_send
where workspace_id = :workspace_id and key_id = :key_id and once = :once;

-- name: claim_api_send^
-- Nothing where the request is on record; waits for one that is being put there.
insert into api_send (workspace_id, key_id, once, fingerprint, part_id)
values (:workspace_id, :key_id, :once, :fingerprint, :part_id)
on conflict (workspace_id, key_id, once) do nothing
returning part_id;
