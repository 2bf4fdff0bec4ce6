-- name: messages_over_time
-- Customers' messages of a span up to now in steps of so many seconds, by how their sender was recognised.
select floor(extract(epoch from a.arrived_at - :since::timestamptz) / :step)::int as step, outcome(d) as outcome,
    count(*) as count
from arrival a
left join decision d on d.workspace_id = a.workspace_id and d.arrival_id = a.arrival_id
where a.workspace_id = :workspace_id and a.kind = 'message' and a.arrived_at >= :since::timestamptz
    and coalesce(a.joined_by, a.arrival_id) = a.arrival_id
group by 1, 2;

-- name: replies_over_time
-- The same for what went out, or was to; by whether it failed.
select floor(extract(epoch from created_at - :since::timestamptz) / :step)::int as step, state = 'failed' as failed,
    count(*) as count
from outbound where workspace_id = :workspace_id and created_at >= :since::timestamptz
group by 1, 2;

-- name: failures_since
select reason, count(*) as count from outbound
where workspace_id = :workspace_id and created_at >= :since::timestamptz and state = 'failed'
group by reason order by count desc, reason;

-- name: windows_closing
-- Conversations nobody has answered since the customer's last message, whose answer window closes soonest first.
select v.conversation_id, v.handle, v.channel_id, coalesce(h.name, '') as name,
    v.last_inbound_at + make_interval(secs => w.seconds) as closes_at
from (
    -- By when messages arrived: an index on what every message changes would cost every message. Some come late.
    select distinct w.seconds, s.conversation_id
    from unnest(:channel_ids::bigint[], :windows::float8[]) as w (channel_id, seconds)
    join arrival a on a.workspace_id = :workspace_id and a.channel_id = w.channel_id and a.kind = 'message'
        and a.arrived_at > now() - make_interval(secs => w.seconds)
        and a.arrived_at <= now() - make_interval(secs => greatest(0, w.seconds - :soon - 3600))
    join step s on s.workspace_id = a.workspace_id and s.owner = 'arrival:' || a.arrival_id and s.step = 0
) w
join conversation v on v.workspace_id = :workspace_id and v.conversation_id = w.conversation_id and v.ended_at is null
    and v.last_inbound_at > now() - make_interval(secs => w.seconds)
    and v.last_inbound_at <= now() - make_interval(secs => greatest(0, w.seconds - :soon))
left join handle h on h.workspace_id = v.workspace_id and h.handle = v.handle
where not exists (
    select from outbound o where o.workspace_id = v.workspace_id and o.conversation_id = v.conversation_id
        and o.created_at >= v.last_inbound_at and o.state <> 'failed')
order by closes_at limit :count;

-- name: replies_found
-- What went out, or was to, newest first, among so many that are looked at. after_at, after_id: of the last one before.
with looked as (
    select outbound_id, conversation_id, channel_id, message, author, state, reason, detail, created_at
    from outbound
    where workspace_id = :workspace_id
        and (:after_at::timestamptz is null or (created_at, outbound_id) < (:after_at::timestamptz, :after_id::text))
    order by created_at desc, outbound_id desc limit :looked
)
select * from looked
where (:since::timestamptz is null or created_at >= :since::timestamptz)
    and (:state::text is null or state = :state)
    and (:reason::text is null or reason = :reason)
    and (:channel_id::bigint is null or channel_id = :channel_id)
order by created_at desc, outbound_id desc limit :count;

-- name: replies_reached^
-- The last one that was looked at; nothing where there are no more before it.
select created_at, outbound_id from outbound
where workspace_id = :workspace_id
    and (:after_at::timestamptz is null or (created_at, outbound_id) < (:after_at::timestamptz, :after_id::text))
order by created_at desc, outbound_id desc offset :looked - 1 limit 1;
