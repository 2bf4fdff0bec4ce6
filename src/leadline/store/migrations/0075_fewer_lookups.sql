-- A conversation that keeps its contact has followed that contact's merges when it was written; what every message updates
-- need not ask for them a second time. (In an upsert the trigger for the insert has run before.)
drop trigger follow_merge on conversation;
create trigger follow_merge before insert on conversation for each row execute function follow_merge();
create trigger follow_merge_again before update of contact_id on conversation for each row
    when (new.contact_id <> old.contact_id) execute function follow_merge();

-- Every message updates a row of these, and no indexed column of it: room on its page, and no index is written.
alter table conversation set (fillfactor = 90);
alter table handle set (fillfactor = 90);

-- Whoever closes a lane locks its row and sees whether somebody wrote it meanwhile; there is nothing to be counted.
create or replace function open_lanes(workspaces text[], lanes text[], are_ready boolean[]) returns void
    language plpgsql as $$
begin
    insert into lane (workspace_id, lane, ready)
    select wanted.workspace_id, wanted.lane, bool_or(wanted.ready)
    from unnest(workspaces, lanes, are_ready) as wanted (workspace_id, lane, ready)
    group by wanted.workspace_id, wanted.lane
    order by wanted.workspace_id, wanted.lane
    on conflict (workspace_id, lane) do update
    set ready = lane.ready or excluded.ready,
        since = case when lane.ready then lane.since else now() end,
        due_at = case when lane.ready or lane.holder is not null then lane.due_at else now() end;
end $$;
alter table lane drop column kept;
