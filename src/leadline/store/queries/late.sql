-- name: late_replies
-- Conversations whose first waiting reply is old and of which nobody was told, with what is away, if anything is. That a
-- channel is paused is told at once.
select c.conversation_id, a.arrival_id, coalesce(a.content ->> 'text', a.content -> 'replies' -> 0 ->> 'text', '') as text,
    coalesce(b.explanation, a.explanation) as why,
    extract(epoch from coalesce(b.opened_at, a.arrived_at))::float8 as since
from (
    select distinct on (lane) * from arrival
    where workspace_id = :workspace_id and state = 'waiting' and starts_with(lane, 'conversation:')
    order by lane, arrival_id) a
join conversation c on c.workspace_id = :workspace_id and c.conversation_id = substr(a.lane, length('conversation:') + 1)
join lane l on l.workspace_id = :workspace_id and l.lane = a.lane
left join breaker b on b.workspace_id = :workspace_id and b.breaker = l.blocked_on and b.closed_at is null
where c.late_arrival_id is null and (a.content -> 'replies' -> 0 is not null or a.kind = 'begun')
    and (a.arrived_at < now() - make_interval(secs => :after) or a.reason = 'channel_paused')
order by a.arrival_id;

-- name: told_late!
update conversation set late_arrival_id = :arrival_id
where workspace_id = :workspace_id and conversation_id = :conversation_id;

-- name: no_longer_late
-- Conversations that were told of a late reply and in which nothing waits any more; whether all of it went out.
select c.conversation_id, c.late_arrival_id as arrival_id, not exists (
    select 1 from arrival p where p.workspace_id = :workspace_id and p.lane = 'conversation:' || c.conversation_id
        and p.arrival_id >= c.late_arrival_id and p.state in ('parked', 'dropped')
    union all
    select 1 from outbound o join arrival p on p.workspace_id = :workspace_id and p.arrival_id = c.late_arrival_id
    where o.workspace_id = :workspace_id and o.conversation_id = c.conversation_id
        and o.state in ('failed', 'unknown') and o.changed_at >= p.arrived_at) as all_sent
from conversation c
where c.workspace_id = :workspace_id and c.late_arrival_id is not null and not exists (
    select 1 from arrival w where w.workspace_id = :workspace_id and w.lane = 'conversation:' || c.conversation_id
        and w.state = 'waiting');
