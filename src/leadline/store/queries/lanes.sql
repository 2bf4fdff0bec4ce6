-- name: next_arrival^
-- others: lanes where the same sender may have something. behind: something there came before and still waits.
select a.*, extract(epoch from a.arrived_at)::float8 as arrived, o.others, exists (
    select 1 from arrival w
    where w.workspace_id = :workspace_id and w.lane = any(o.others) and w.state = 'waiting'
        and w.arrival_id < a.arrival_id) as behind
from arrival a
cross join lateral (
    select a.also || array(
        select j.lane from lane_join j where j.workspace_id = :workspace_id and j.name = a.lane) as others) o
where a.workspace_id = :workspace_id and a.lane = :lane and a.state = 'waiting'
order by a.arrival_id
limit 1;

-- name: lock_lane!
select 1 from lane where workspace_id = :workspace_id and lane = :lane for update;

-- name: close_lane^
-- Close the lane unless something waits in it. The caller holds the lane's row, so nothing can slip in unseen.
update lane set open = false
where workspace_id = :workspace_id and lane = :lane
    and not exists (
        select 1 from arrival
        where arrival.workspace_id = :workspace_id and arrival.lane = :lane and arrival.state = 'waiting'
    )
returning lane;

-- name: settle!
update arrival
set state = :state, reason = :reason, explanation = :explanation, settled_at = now(), next_at = null
where workspace_id = :workspace_id and arrival_id = :arrival_id;

-- name: postpone!
update arrival
set attempts = attempts + :counted, reason = :reason, explanation = :explanation,
    next_at = now() + make_interval(secs => :delay)
where workspace_id = :workspace_id and arrival_id = :arrival_id;

-- name: postponed_lanes
select distinct workspace_id, lane from arrival where state = 'waiting' and next_at is not null;

-- name: wake!
update procrastinate_jobs set scheduled_at = now()
where status = 'todo' and lock = any(:locks::text[]);
