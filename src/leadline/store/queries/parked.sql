-- name: parked
select arrival_id, channel_id, kind, lane, content, reason, explanation, attempts, arrived_at, settled_at
from arrival where workspace_id = :workspace_id and state = 'parked'
order by arrival_id limit :count;

-- name: postponed
-- What waits for another try, with the reason of the last one.
select arrival_id, channel_id, kind, lane, content, reason, explanation, attempts, arrived_at, next_at
from arrival where workspace_id = :workspace_id and state = 'waiting' and reason <> ''
order by arrival_id limit :count;

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
