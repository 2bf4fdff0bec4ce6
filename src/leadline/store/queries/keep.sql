-- name: open_lanes!
-- The one statement that makes lanes ready, in one order so that two batches cannot wait for each other. A lane that is
-- held, or waits for its time, stays so. ready: false for names that only get a row, so that they can be held.
insert into lane (workspace_id, lane, ready, kept)
select workspace_id, lane, bool_or(ready), bool_or(ready)::int
from unnest(:workspaces::text[], :lanes::text[], :ready::bool[]) as wanted (workspace_id, lane, ready)
group by workspace_id, lane
order by workspace_id, lane
on conflict (workspace_id, lane) do update
set ready = lane.ready or excluded.ready, kept = lane.kept + excluded.kept,
    since = case when lane.ready then lane.since else now() end,
    due_at = case when lane.ready or lane.holder is not null then lane.due_at else now() end;

-- name: keep_raw!
insert into raw (workspace_id, raw_id, channel_id, method, url, headers, body)
select * from unnest(:workspaces::text[], :ids::uuid[], :channels::bigint[], :methods::text[], :urls::text[],
    :headers::jsonb[], :bodies::bytea[]);

-- name: keep_arrivals
-- A redelivered message meets the unique key and is left alone; returns the dedupe keys that were new.
insert into arrival (workspace_id, raw_id, channel_id, source, dedupe, kind, lane, piece_group, content, state,
    reason, explanation, also)
select workspace_id, raw_id, channel_id, source, dedupe, kind, lane, piece_group, content, state, reason, explanation,
    array(select jsonb_array_elements_text(also))
from unnest(:workspaces::text[], :raws::uuid[], :channels::bigint[], :sources::text[], :dedupes::text[],
    :kinds::text[], :lanes::text[], :groups::text[], :contents::jsonb[], :states::text[], :reasons::text[],
    :explanations::text[], :also::jsonb[])
    with ordinality as kept (workspace_id, raw_id, channel_id, source, dedupe, kind, lane, piece_group, content, state,
        reason, explanation, also, position)
order by position
on conflict (workspace_id, source, dedupe) do nothing
returning workspace_id, source, dedupe;

-- name: lanes_joined
select j.workspace_id, j.name, j.lane
from unnest(:workspaces::text[], :names::text[]) as wanted (workspace_id, name)
join lane_join j on j.workspace_id = wanted.workspace_id and j.name = wanted.name;

-- name: join_lanes!
insert into lane_join (workspace_id, name, lane)
select * from unnest(:workspaces::text[], :names::text[], :lanes::text[])
on conflict (workspace_id, name) do nothing;
