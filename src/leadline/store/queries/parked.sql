-- name: parked
select arrival_id, channel_id, kind, lane, content, reason, explanation, attempts, arrived_at, settled_at
from arrival where workspace_id = :workspace_id and state = 'parked'
order by arrival_id limit :count;

-- name: postponed
-- What waits for another try, with the reason of the last one.
select arrival_id, channel_id, kind, lane, content, reason, explanation, attempts, arrived_at, next_at
from arrival where workspace_id = :workspace_id and state = 'waiting' and reason <> ''
order by arrival_id limit :count;

-- name: retry_parked
update arrival set state = 'waiting', attempts = 0, reason = '', explanation = '', next_at = null, settled_at = null
where workspace_id = :workspace_id and arrival_id = any(:arrival_ids::bigint[]) and state in ('parked', 'waiting')
returning workspace_id, lane;

-- name: drop_parked!
update arrival set state = 'dropped', settled_at = now()
where workspace_id = :workspace_id and arrival_id = any(:arrival_ids::bigint[]) and state = 'parked';

-- name: backlog^
select
    (select count(*) from arrival where workspace_id = :workspace_id and state = 'waiting') as waiting,
    (select count(*) from arrival where workspace_id = :workspace_id and state = 'parked') as parked;
