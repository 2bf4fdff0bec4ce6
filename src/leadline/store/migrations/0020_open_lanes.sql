-- What makes lanes ready stands in one place, whether it is called alone or within the statement that keeps arrivals.
-- In one order, so that two batches cannot wait for each other. A lane that is held, or waits for its time, stays so.
-- ready: false for names that only get a row, so that they can be held.
create function open_lanes(workspaces text[], lanes text[], are_ready boolean[]) returns void language plpgsql as $$
begin
    insert into lane (workspace_id, lane, ready, kept)
    select wanted.workspace_id, wanted.lane, bool_or(wanted.ready), bool_or(wanted.ready)::int
    from unnest(workspaces, lanes, are_ready) as wanted (workspace_id, lane, ready)
    group by wanted.workspace_id, wanted.lane
    order by wanted.workspace_id, wanted.lane
    on conflict (workspace_id, lane) do update
    set ready = lane.ready or excluded.ready, kept = lane.kept + excluded.kept,
        since = case when lane.ready then lane.since else now() end,
        due_at = case when lane.ready or lane.holder is not null then lane.due_at else now() end;
end $$;
