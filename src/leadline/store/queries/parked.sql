-- name: stuck
-- What is parked, and what waits for another try with the reason of the last one; each with whose it is. With a number
-- instead of a state: that one, whatever its state. A filter that is null leaves nothing out.
select a.arrival_id, a.state, a.channel_id, a.kind, a.lane, a.content, a.reason, a.explanation, a.attempts,
    a.arrived_at, a.settled_at, a.next_at, coalesce(c.name, '') as channel,
    coalesce(jsonb_path_query_first(a.content, '$.handles[*] ? (@.scheme == "tel").value') #>> '{}',
        a.content ->> 'sender', a.content -> 'target' ->> 'sender', v.sender, o.message ->> 'to', '') as customer,
    coalesce(a.content -> 'profile' ->> 'name', h.name, '') as name,
    coalesce(a.content ->> 'text', (
        select string_agg(r ->> 'text', ' ') from jsonb_array_elements(a.content -> 'replies') r), '') as text,
    coalesce(a.content ->> 'author', a.content -> 'replies' -> 0 ->> 'author_name', '') as teammate,
    coalesce(a.content ->> 'conversation_id', a.content -> 'target' ->> 'conversation_id', o.conversation_id, '')
        as conversation_id
from arrival a
left join outbound o on o.workspace_id = a.workspace_id and a.kind = 'status'
    and o.outbound_id = a.content ->> 'outbound_id'
left join conversation v on v.workspace_id = a.workspace_id
    and v.conversation_id = coalesce(a.content ->> 'conversation_id', o.conversation_id)
left join channel c on c.workspace_id = a.workspace_id
    and c.channel_id = coalesce(a.channel_id, v.channel_id)
left join handle h on h.workspace_id = a.workspace_id and h.handle = v.handle
where a.workspace_id = :workspace_id
    and (a.arrival_id = :arrival_id or (a.state = :state and (a.state = 'parked' or a.reason <> '')))
    and (:reason::text is null or a.reason = :reason)
    and (:channel_id::bigint is null or a.channel_id = :channel_id)
    and a.arrival_id > :after
order by a.arrival_id limit :count;

-- name: stuck_groups
-- How many are parked or wait for another try, for each reason, channel and kind. newest: the highest number counted.
select a.state, a.reason, a.channel_id, coalesce(c.name, '') as channel, a.kind, count(*) as count,
    min(a.arrived_at) as since, max(a.arrival_id) as newest, max(a.explanation) as explanation
from arrival a
left join channel c on c.workspace_id = a.workspace_id and c.channel_id = a.channel_id
where a.workspace_id = :workspace_id and (a.state = 'parked' or (a.state = 'waiting' and a.reason <> ''))
group by a.state, a.reason, a.channel_id, c.name, a.kind;

-- name: stuck_numbers
-- The next ones of a group, up to the newest that was counted when somebody was asked about them.
select arrival_id from arrival
where workspace_id = :workspace_id and state = :state and (state = 'parked' or reason <> '')
    and reason = :reason and channel_id is not distinct from :channel_id
    and arrival_id > :after and arrival_id <= :newest
order by arrival_id limit :count;

-- name: stuck_counts^
select
    (select count(*) from arrival where workspace_id = :workspace_id and state = 'parked') as parked,
    (select count(*) from arrival
        where workspace_id = :workspace_id and state = 'waiting' and reason <> '') as waiting;

-- name: set_aside^
-- How many of the parked ones go on by themselves, because their channel is only paused.
select count(*) as count from arrival
where workspace_id = :workspace_id and state = 'parked' and reason = 'channel_paused';

-- name: held_back
-- What waits in its lane because a channel is paused. That of another one finds it still paused, and waits on.
select arrival_id from arrival where workspace_id = :workspace_id and state = 'waiting' and reason = 'channel_paused';

-- name: retry_arrivals
-- Parked ones go back to their places in their lanes, with fresh attempts; what only waits is tried now when it is
-- named. A filter that is null leaves nothing out.
update arrival set state = 'waiting', attempts = 0, reason = '', explanation = '', next_at = null, settled_at = null
where workspace_id = :workspace_id
    and (state = 'parked' or (state = 'waiting' and arrival_id = any(:arrival_ids::bigint[])))
    and (:arrival_ids::bigint[] is null or arrival_id = any(:arrival_ids::bigint[]))
    and (:reason::text is null or reason = :reason)
    and (:channel_id::bigint is null or channel_id = :channel_id)
returning lane;

-- name: hurry_lanes!
-- Whatever they waited for; priority: 1 where live lanes are to go first.
update lane set due_at = now(), blocked_on = '', priority = greatest(priority, :priority)
where workspace_id = :workspace_id and lane = any(:lanes::text[]) and ready and holder is null;

-- name: drop_parked!
update arrival set state = 'dropped', settled_at = now()
where workspace_id = :workspace_id and arrival_id = any(:arrival_ids::bigint[]) and state = 'parked';

-- name: backlog^
select
    (select count(*) from arrival where workspace_id = :workspace_id and state = 'waiting') as waiting,
    (select count(*) from arrival where workspace_id = :workspace_id and state = 'parked') as parked;

-- name: oldest_waiting^
-- For how many seconds the oldest message of a customer and the oldest reply have waited; 0 where none waits. What a
-- paused channel holds back waits because somebody wants it to.
select
    coalesce(extract(epoch from now() - min(arrived_at) filter (where kind = 'message')), 0)::float as message,
    coalesce(extract(epoch from now() - min(arrived_at) filter (where kind in ('notification', 'opening', 'begun'))), 0)
        ::float as reply
from arrival where workspace_id = :workspace_id and state = 'waiting' and reason <> 'channel_paused';
