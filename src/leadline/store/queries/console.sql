-- name: recent_messages
select a.arrival_id, a.channel_id, a.content, a.state, a.reason, a.explanation, a.arrived_at,
    d.contact_id, d.code, d.document
from arrival a
left join decision d on d.workspace_id = a.workspace_id and d.arrival_id = a.arrival_id
where a.workspace_id = :workspace_id and a.kind = 'message' and coalesce(a.joined_by, a.arrival_id) = a.arrival_id
order by a.arrival_id desc limit :count;

-- name: messages_of_sender
-- Senders of phone channels are written with or without a plus; here they are one.
select * from (
    select arrival_id, content, state, explanation, extract(epoch from arrived_at)::float8 as at
    from arrival
    where workspace_id = :workspace_id and channel_id = :channel_id and kind = 'message'
        and ltrim(content ->> 'sender', '+') = ltrim(:sender, '+')
    order by arrival_id desc limit :count
) as latest order by arrival_id;

-- name: callers
select channel_id, content ->> 'sender' as sender, max(content -> 'profile' ->> 'name') as name
from arrival
where workspace_id = :workspace_id and kind = 'message' and channel_id is not null
group by 1, 2 order by max(arrival_id) desc limit :count;

-- name: sends_by_provider_ids
select provider_ids, reason, extract(epoch from created_at)::float8 as at from outbound
where workspace_id = :workspace_id and channel_id = :channel_id and provider_ids && :provider_ids::text[];

-- name: links_to_contact
select handle, evidence, author, linked_at from link
where workspace_id = :workspace_id and contact_id = :contact_id and superseded_at is null
order by link_id;

-- name: last_decision^
-- The decision of the last message of one sender on one channel. linked_by: the message that linked the sender.
select d.contact_id, d.code, d.policy, d.document, d.arrival_id, extract(epoch from d.decided_at)::float8 as decided,
    (select o.arrival_id from link l
        join decision o on o.workspace_id = :workspace_id and o.arrival_id = l.arrival_id and o.evidence is not null
        where l.workspace_id = :workspace_id and l.handle = :lane and l.superseded_at is null) as linked_by
from arrival a
join decision d on d.workspace_id = a.workspace_id and d.arrival_id = a.arrival_id
where a.workspace_id = :workspace_id and a.channel_id = :channel_id and a.lane = :lane and a.kind = 'message'
order by a.arrival_id desc limit 1;

-- name: database_state^
-- Of the whole installation, and of the server it shares.
select pg_database_size(current_database()) as bytes, current_setting('server_version') as version,
    (select count(*) from pg_stat_activity) as connections, current_setting('max_connections')::int as most;

-- name: messages_found
-- Newest first, before a number, among so many that are looked at: a text has no index, so it is looked for in bites.
with looked as (
    select * from arrival
    where workspace_id = :workspace_id and kind = 'message' and (:before::bigint is null or arrival_id < :before)
    order by arrival_id desc limit :looked
)
select l.arrival_id, l.channel_id, l.content, l.state, l.reason, l.explanation, l.arrived_at,
    d.contact_id, d.code, d.document
from looked l
left join decision d on d.workspace_id = l.workspace_id and d.arrival_id = l.arrival_id
where coalesce(l.joined_by, l.arrival_id) = l.arrival_id
    and (:state::text is null or l.state = :state)
    and (:channel_id::bigint is null or l.channel_id = :channel_id)
    and (:code::text is null or d.code = :code)
    and (:outcome::text is null or outcome(d) = :outcome)
    and (:since::timestamptz is null or l.arrived_at >= :since)
    and (:until::timestamptz is null or l.arrived_at < :until)
    and (:text::text is null or l.arrival_id::text = :text or d.contact_id = :text
        or position(lower(:text) in lower(concat_ws(' ', l.content ->> 'text', l.content -> 'profile' ->> 'name',
            l.content ->> 'provider_id', l.content ->> 'sender', l.lane))) > 0
        or (:digits::text <> '' and position(:digits in concat_ws(' ', l.content ->> 'sender', l.lane)) > 0))
order by l.arrival_id desc limit :count;

-- name: messages_reached^
-- The number of the last one that was looked at; nothing where there are no more before it.
select arrival_id from arrival
where workspace_id = :workspace_id and kind = 'message' and (:before::bigint is null or arrival_id < :before)
order by arrival_id desc offset :looked limit 1;

-- name: raw_of_arrival^
select r.method, r.headers, r.body, r.received_at from arrival a
join raw r on r.workspace_id = a.workspace_id and r.raw_id = a.raw_id
where a.workspace_id = :workspace_id and a.arrival_id = :arrival_id;

-- name: channels_last_heard
-- When the last message of each channel came, among the last 20,000 of all.
select channel_id, max(arrived_at) as at from (
    select channel_id, arrived_at from arrival where workspace_id = :workspace_id and kind = 'message'
    order by arrival_id desc limit 20000
) latest where channel_id is not null group by channel_id;

-- name: channels_sent
-- When the last message went out on each channel, and how many failed since yesterday, among the last 20,000 of all.
select channel_id, max(changed_at) filter (where state in ('sent', 'delivered', 'read')) as at,
    count(*) filter (where state in ('failed', 'unknown') and changed_at > now() - interval '1 day') as failed
from (
    select channel_id, state, changed_at from outbound where workspace_id = :workspace_id
    order by created_at desc limit 20000
) latest group by channel_id;

-- name: channels_parked
-- How many messages of each channel are parked, and how many of these because it is paused.
select channel_id, count(*) as parked, count(*) filter (where reason = 'channel_paused') as paused
from arrival where workspace_id = :workspace_id and state = 'parked' and channel_id is not null group by channel_id;

-- name: channel_failures
-- The latest messages of a channel that did not reach their customer, or may not have, among the last 20,000 of all.
select outbound_id, conversation_id, message ->> 'to' as recipient, reason, detail, changed_at from (
    select * from outbound where workspace_id = :workspace_id order by created_at desc limit 20000
) latest where channel_id = :channel_id and state in ('failed', 'unknown') order by changed_at desc limit :count;
