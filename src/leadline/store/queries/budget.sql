-- name: spend_budget^
-- Take one call from the window, or say how many seconds to wait for the next; no row when nothing is known yet.
with taken as (
    update rate_budget set remaining = remaining - 1
    where workspace_id = :workspace_id and (resets_at <= now() or remaining > :reserve)
    returning workspace_id
)
select case when exists (select 1 from taken) then 0
    else extract(epoch from resets_at - now())::float8 end as wait
from rate_budget where workspace_id = :workspace_id;

-- name: learn_budget!
-- Within one window the smaller number is the truer one: answers overtake each other.
insert into rate_budget (workspace_id, remaining, resets_at)
values (:workspace_id, :remaining, to_timestamp(:reset))
on conflict (workspace_id) do update
set remaining = case when excluded.resets_at > rate_budget.resets_at then excluded.remaining
        else least(rate_budget.remaining, excluded.remaining) end,
    resets_at = greatest(rate_budget.resets_at, excluded.resets_at);
