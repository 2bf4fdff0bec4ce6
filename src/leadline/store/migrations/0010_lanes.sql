-- The lane's row is the queue: workers take rows that are ready and due, for as long as a lease lasts.
alter table lane rename column open to ready;
alter table lane
    add column priority smallint not null default 0,
    add column due_at timestamptz not null default now(),
    add column since timestamptz not null default now(),
    add column holder uuid,
    add column epoch bigint not null default 0,
    add column kept bigint not null default 0,
    add column blocked_on text not null default '';
comment on column lane.ready is 'something waits in it; only open_lanes sets it, only its holder clears it';
comment on column lane.priority is '0: live, 1: backlog of an outage';
comment on column lane.due_at is 'when a worker may take it; the end of the lease while one holds it';
comment on column lane.since is 'when it became ready';
comment on column lane.holder is 'the session of the worker that holds it';
comment on column lane.epoch is 'grows with every lease; each write for the lane names it';
comment on column lane.kept is 'grows with everything put in; who closes the lane names what it saw';
comment on column lane.blocked_on is 'a breaker, or lane:<the lane of the same sender that goes first>';

-- Each matches one branch of take_lanes exactly: no statistics, however old, make another plan look better.
create index lane_live on lane (due_at) where ready and priority = 0;
create index lane_backlog on lane (due_at) where ready and priority = 1;
create index lane_held on lane (holder) where holder is not null;
create index lane_blocked on lane (workspace_id, blocked_on, since) where blocked_on <> '';

-- Rows change several times a message; a row that died is to make room soon.
alter table lane set (
    fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0,
    autovacuum_analyze_scale_factor = 0.05
);

-- What an older version left waiting goes on. Every name of a sender has a row, so that it can be held.
insert into lane (workspace_id, lane, ready)
select distinct workspace_id, lane, true from arrival where state = 'waiting'
on conflict (workspace_id, lane) do update set ready = true;
insert into lane (workspace_id, lane, ready)
select workspace_id, name, false from lane_join
union select workspace_id, lane, false from lane_join
union select workspace_id, unnest(also), false from arrival where state = 'waiting'
on conflict (workspace_id, lane) do nothing;

-- The queue before this one.
do $$
declare
    name text;
begin
    drop table if exists procrastinate_migration, procrastinate_periodic_defers, procrastinate_events,
        procrastinate_jobs, procrastinate_workers cascade;
    for name in select format('%s(%s)', p.oid::regproc, pg_get_function_identity_arguments(p.oid)) from pg_proc p
        where p.proname like 'procrastinate\_%' and p.pronamespace = current_schema()::regnamespace
    loop
        execute 'drop function if exists ' || name || ' cascade';
    end loop;
    for name in select t.typname from pg_type t
        where t.typname like 'procrastinate\_%' and t.typtype in ('e', 'c')
            and t.typnamespace = current_schema()::regnamespace
    loop
        execute format('drop type if exists %I cascade', name);
    end loop;
end $$;
