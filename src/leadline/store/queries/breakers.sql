-- name: tend_breakers
-- Put on record which breakers opened and which closed, and say which are open. `lane`: of one that waits for it, where
-- it is time for a try; then this worker is the one to make it. `held`: how many wait, at most a few are counted.
with opened as (
    insert into breaker (workspace_id, breaker, reason, explanation, probe_at)
    select workspace_id, breaker, reason, explanation, now() + make_interval(secs => :first)
    from unnest(:opened_in::text[], :opened::text[], :reasons::text[], :explanations::text[])
        as o (workspace_id, breaker, reason, explanation)
    order by workspace_id, breaker
    on conflict (workspace_id, breaker) do update
    set reason = excluded.reason, explanation = excluded.explanation, opened_at = now(), closed_at = null, tries = 0,
        probe_at = excluded.probe_at
    where breaker.closed_at is not null
), closed as (
    update breaker set closed_at = now()
    from unnest(:closed_in::text[], :closed::text[]) as c (workspace_id, breaker)
    where breaker.workspace_id = c.workspace_id and breaker.breaker = c.breaker and breaker.closed_at is null
    returning breaker.workspace_id, breaker.breaker
), due as (
    update breaker set tries = tries + 1,
        probe_at = now() + make_interval(secs => least(:longest, :first * 2 ^ least(tries + 1, 20)))
    where closed_at is null and probe_at <= now()
        and (workspace_id, breaker) not in (select * from unnest(:closed_in::text[], :closed::text[]))
    returning workspace_id, breaker
)
select b.workspace_id, b.breaker, b.reason, b.explanation, due.breaker is not null as is_due,
    case when due.breaker is not null then (
        select lane from lane
        where lane.workspace_id = b.workspace_id and blocked_on = b.breaker and blocked_on <> ''
        order by since limit 1) end as lane
from breaker b left join due on due.workspace_id = b.workspace_id and due.breaker = b.breaker
where b.closed_at is null
    and (b.workspace_id, b.breaker) not in (select * from unnest(:closed_in::text[], :closed::text[]));

-- name: release_lanes
-- Lanes whose breaker is closed, those that waited longest first; live ones go before them.
with free as (
    select ctid as place from lane
    where blocked_on <> '' and due_at = 'infinity' and not exists (
        select 1 from breaker b
        where b.workspace_id = lane.workspace_id and b.breaker = lane.blocked_on and b.closed_at is null)
    order by since limit :batch for update skip locked
)
update lane set blocked_on = '', due_at = now(), priority = 1 from free where lane.ctid = free.place
returning 1 as released;

-- name: hurry_breakers!
-- A restart is often the cure: what is away is tried now.
update breaker set probe_at = now(), tries = 0 where closed_at is null;

-- name: breakers
-- Who is away now, and how many lanes wait for that.
select breaker, reason, explanation, opened_at, probe_at, tries, (
    select count(*) from lane
    where lane.workspace_id = breaker.workspace_id and blocked_on = breaker.breaker and blocked_on <> '') as lanes
from breaker where workspace_id = :workspace_id and closed_at is null
order by opened_at;
