-- name: lease_budget^
-- Take a batch of calls from the window, smaller ones towards its end; none while only the reserve is left. A window that
-- is over makes room for one of the same size. `lasts`: seconds to its end. No row when nothing is known yet.
with now_left as (
    select workspace_id, case when resets_at > now() then remaining else greatest(per_window, :reserve + 1) end as calls,
        case when resets_at > now() then resets_at else now() + make_interval(secs => :window) end as resets_at
    from rate_budget where workspace_id = :workspace_id for update
), batch as (
    select *, greatest(0, least(:batch, ceil((calls - :reserve) / 4.0)))::int as size from now_left
)
update rate_budget set remaining = batch.calls - batch.size, resets_at = batch.resets_at
from batch where rate_budget.workspace_id = batch.workspace_id
returning batch.size, extract(epoch from batch.resets_at - now())::float8 as lasts;

-- name: learn_budget!
-- Within one window the smaller number is the truer one: answers overtake each other, and others have leased calls.
insert into rate_budget (workspace_id, per_window, remaining, resets_at)
values (:workspace_id, :per_window, :remaining, now() + make_interval(secs => :seconds))
on conflict (workspace_id) do update
set per_window = excluded.per_window,
    remaining = case when excluded.resets_at > rate_budget.resets_at + interval '1 second' then excluded.remaining
        else least(rate_budget.remaining, excluded.remaining) end,
    resets_at = greatest(rate_budget.resets_at, excluded.resets_at);
