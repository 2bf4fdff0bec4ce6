-- name: open_lanes^
-- See migration 0020: the one place that makes lanes ready.
select open_lanes(:workspaces::text[], :lanes::text[], :ready::boolean[]);

-- name: keep^
-- Webhooks and what was read from them, in one statement: the door's whole work in the database.
-- A redelivered message meets the unique key and is left alone; a webhook is stored only where it added something.
-- also: null where the sender has one address only; its lane is looked up here, all others by `joining.py`.
-- The lanes are locked before an arrival gets its number: within a lane numbers follow the order of the commits.
-- fresh: how many arrivals were new. added: the webhooks they came in, one name for each, where not all were new.
-- sender: workers in other processes are told under this name, with the commit; null: they are not. `bell.py` decides.
with given as materialized (
    select g.*, coalesce(
        case when g.also is null then (
            select j.lane from lane_join j where j.workspace_id = g.workspace_id and j.name = g.lane) end,
        g.lane) as place
    from json_to_recordset(:arrivals::json) as g (position int, workspace_id text, raw_id uuid, channel_id bigint,
        source text, dedupe text, kind text, lane text, piece_group text, content jsonb, reason text, explanation text,
        also text[])
), opened as materialized (
    select open_lanes(array_agg(workspace_id), array_agg(lane), array_agg(ready)),
        case when :sender::text is not null then pg_notify('leadline_lanes', :sender::text) end
    from (
        select workspace_id, place as lane, true as ready from given where reason = ''
        union all
        select workspace_id, lane, false from json_to_recordset(:names::json) as n (workspace_id text, lane text)
    ) as wanted
), kept as (
    insert into arrival (workspace_id, raw_id, channel_id, source, dedupe, kind, lane, piece_group, content, state,
        reason, explanation, also)
    select workspace_id, raw_id, channel_id, source, dedupe, kind, place, piece_group, content,
        case when reason = '' then 'waiting' else 'parked' end, reason, explanation,
        coalesce(also, case when place <> lane then array[lane] else '{}' end)
    from opened, given
    order by position
    on conflict (workspace_id, source, dedupe) do nothing
    returning raw_id
), stored as (
    insert into raw (workspace_id, raw_id, channel_id, method, url, headers, body)
    select workspace_id, raw_id, channel_id, method, url, headers, decode(body, 'base64')
    from json_to_recordset(:raws::json) as r (workspace_id text, raw_id uuid, channel_id bigint, method text, url text,
        headers jsonb, body text)
    where raw_id in (select raw_id from kept)
)
select count(*) as fresh, case when count(*) < (select count(*) from given) then array_agg(raw_id::text) end as added
from kept;

-- name: keep_one^
-- The same for a webhook that waits alone and brought one arrival, with texts and bytes instead of documents, and what
-- open_lanes does written out for one lane: that takes PostgreSQL half as long. A row where it was new.
-- `Line.run` sends it.
with opened as (
    insert into lane (workspace_id, lane, ready)
    values (:workspace_id::text, coalesce((
        select j.lane from lane_join j where j.workspace_id = :workspace_id::text and j.name = :lane::text
    ), :lane::text), true)
    on conflict (workspace_id, lane) do update
    set ready = true,
        since = case when lane.ready then lane.since else now() end,
        due_at = case when lane.ready or lane.holder is not null then lane.due_at else now() end
    returning lane
), kept as (
    insert into arrival (workspace_id, raw_id, channel_id, source, dedupe, kind, lane, piece_group, content, also)
    select :workspace_id::text, :raw_id::text::uuid, :channel_id::text::bigint, :source::text, :dedupe::text,
        :kind::text, lane, :piece_group::text, :content::text::jsonb,
        case when lane <> :lane::text then array[:lane::text] else '{}' end
    from opened
    on conflict (workspace_id, source, dedupe) do nothing
    returning raw_id
), stored as (
    insert into raw (workspace_id, raw_id, channel_id, method, url, headers, body)
    select :workspace_id::text, raw_id, :raw_channel_id::text::bigint, :method::text, :url::text,
        :headers::text::jsonb, :body::bytea
    from kept
)
select case when :sender::text is not null then pg_notify('leadline_lanes', :sender::text) end from kept;

-- name: lanes_joined
select j.workspace_id, j.name, j.lane
from unnest(:workspaces::text[], :names::text[]) as wanted (workspace_id, name)
join lane_join j on j.workspace_id = wanted.workspace_id and j.name = wanted.name;

-- name: join_lanes!
insert into lane_join (workspace_id, name, lane)
select * from unnest(:workspaces::text[], :names::text[], :lanes::text[])
on conflict (workspace_id, name) do nothing;

-- name: beat!
insert into pulse (workspace_id, at) values (:workspace_id, now())
on conflict (workspace_id) do update set at = now();
