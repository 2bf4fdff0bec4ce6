-- Rows are found one by one by their keys (lateral) and changed where they stand (ctid, locked before): whatever the
-- statistics say, or fail to say, the planner has nothing to choose. (`is not distinct from` uses no index, as wanted.)

-- name: take_lanes
-- Lease lanes that are due, live ones first, or the one that is named. Each comes with its next arrival and with the
-- lanes of the sender's other addresses, which are leased along. Where one of those is held, or has something that
-- came before, the lane is sent back to wait for it. There is always a row: `soon` is when the next lane is due.
-- back: seconds before now from which on is looked. What was due before and is gone stands in the indexes for as long as
-- anybody's snapshot is older, which may be hours.
with live as (
    select workspace_id, lane, ctid as place from lane
    where ready and priority = 0 and due_at > now() - make_interval(secs => :back) and due_at <= now()
    order by due_at limit :slots for update skip locked
), backlog as (
    select workspace_id, lane, ctid as place from lane
    where ready and priority = 1 and due_at > now() - make_interval(secs => :back) and due_at <= now()
    order by due_at limit greatest(0, :slots - (select count(*) from live)) for update skip locked
), named as (
    select workspace_id, lane, ctid as place from lane
    where workspace_id = :workspace_id and lane = :lane and ready and (holder is null or due_at <= now())
    for update skip locked
), locked as (
    -- A lock is taken on the newest version of a row, which this statement does not see where somebody wrote it after it
    -- began: it could be locked, but not leased, nor its arrivals be read. Such a lane is left for the next look, at once.
    select due.*, l.lane is not null as seen
    from (select * from live union all select * from backlog union all select * from named) due
    left join lateral (select lane from lane where ctid = due.place offset 0) l on true
), first as (
    select due.workspace_id, due.lane, due.place, next.*
    from locked due
    left join lateral (
        select a.arrival_id, a.raw_id, a.channel_id, a.kind, a.content, a.attempts,
            extract(epoch from a.arrived_at)::float8 as arrived,
            extract(epoch from now() - a.arrived_at)::float8 as waited,
            a.also || array(select j.lane from lane_join j
                where j.workspace_id = a.workspace_id and j.name = a.lane and j.lane <> a.lane) as others
        from arrival a
        where a.workspace_id = due.workspace_id and a.lane = due.lane and a.state = 'waiting'
        order by a.arrival_id limit 1
    ) next on true
    where due.seen
), wanted as (
    select distinct workspace_id, lane, arrival_id, other from first, unnest(others) other where other <> lane
), claims as (
    select workspace_id, lane, arrival_id, lane as other from first
    union all select workspace_id, lane, arrival_id, other from wanted
), free as (
    select w.workspace_id, w.other as lane, l.place
    from (select distinct workspace_id, other from wanted) w
    cross join lateral (
        select ctid as place from lane
        where workspace_id = w.workspace_id and lane = w.other and (holder is null or due_at <= now())
        for update skip locked) l
    cross join lateral (select lane from lane where ctid = l.place offset 0) seen
), in_the_way as (
    select w.workspace_id, w.lane, w.other from wanted w
    where exists (
            select 1 from arrival a where a.workspace_id = w.workspace_id and a.lane = w.other and a.state = 'waiting'
                and a.arrival_id < w.arrival_id)
        or (not exists (select 1 from free f where f.workspace_id = w.workspace_id and f.lane = w.other)
            and exists (select 1 from lane l where l.workspace_id = w.workspace_id and l.lane = w.other))
    union all
    select w.workspace_id, case when w.arrival_id < c.arrival_id then c.lane else w.lane end,
        case when w.arrival_id < c.arrival_id then w.lane else c.lane end
    from wanted w join claims c on c.workspace_id = w.workspace_id and c.other = w.other and c.lane <> w.lane
), refused as (
    select workspace_id, lane, min(other) as other from in_the_way group by workspace_id, lane
), granted as (
    select f.* from first f
    where not exists (select 1 from refused r where r.workspace_id = f.workspace_id and r.lane = f.lane)
), places as (
    select workspace_id, lane as leader, place from granted
    union
    select w.workspace_id, w.lane, f.place from wanted w
    join granted g on g.workspace_id = w.workspace_id and g.lane = w.lane
    join free f on f.workspace_id = w.workspace_id and f.lane = w.other
), taken as (
    update lane set due_at = now() + make_interval(secs => :lease), holder = :holder, epoch = lane.epoch + 1,
        blocked_on = ''
    from places p where lane.ctid = p.place
    returning lane.workspace_id, p.leader, lane.lane, lane.epoch
), sent_back as (
    update lane set blocked_on = 'lane:' || r.other, due_at = now() + case
        when way.holder is not null then interval '1 second'
        else greatest(interval '1 second', least(way.due_at, now() + interval '60 seconds') - now()) end
    from refused r
    join first f on f.workspace_id = r.workspace_id and f.lane = r.lane
    left join lateral (
        select holder, due_at from lane where workspace_id = r.workspace_id and lane = r.other offset 0) way on true
    where lane.ctid = f.place
)
select soon.seconds as soon, g.workspace_id, g.lane, g.arrival_id, g.raw_id::text as raw_id, g.channel_id, g.kind, g.content,
    g.attempts, g.arrived, g.waited, g.others, held.lanes, held.epochs
from (
    select least(
        (select extract(epoch from due_at - now())::float8 from lane
            where ready and priority = 0 and due_at > now() and due_at < 'infinity' order by due_at limit 1),
        (select extract(epoch from due_at - now())::float8 from lane
            where ready and priority = 1 and due_at > now() and due_at < 'infinity' order by due_at limit 1),
        (select 1.0 from refused limit 1),
        (select 0.0 from locked where not seen limit 1)) as seconds
) soon
left join granted g on true
left join lateral (
    select array_agg(t.lane order by t.lane <> t.leader, t.lane) as lanes,
        array_agg(t.epoch order by t.lane <> t.leader, t.lane) as epochs
    from taken t where t.workspace_id = g.workspace_id and t.leader = g.lane
) held on true;

-- name: settle_lanes
-- Write what became of the arrivals, and for each lane say what comes next: the next arrival, or that the lane was let
-- go, because nothing waits in it, or nothing for now. `held` is false where the lane is somebody else's meanwhile.
-- A lane that is neither let go nor has a next arrival got one this very moment, or another lane of its sender did.
with asked as (
    select * from json_to_recordset(:entries::json) as asked (n int, workspace_id text, lane text, epoch bigint,
        beside json, arrival_id bigint, state text, reason text, explanation text, counted int, delay float8,
        blocked_on text, go_on bool)
), places as (
    -- One order for all row locks, the one of open_lanes: neither can wait for the other. A row that somebody wrote after
    -- this statement began is locked, but not seen: it could not be let go.
    select mine.n, mine.is_main, l.place, s.lane is not null as seen
    from (
        select n, workspace_id, lane, epoch, true as is_main from asked
        union all
        select asked.n, asked.workspace_id, b.lane, b.epoch, false
        from asked, json_to_recordset(asked.beside) as b (lane text, epoch bigint)
        order by workspace_id, lane
    ) mine
    cross join lateral (
        select ctid as place from lane
        where workspace_id = mine.workspace_id and lane = mine.lane and epoch = mine.epoch
            and holder is not distinct from :holder
        for update) l
    left join lateral (select lane from lane where ctid = l.place offset 0) s on true
), held as (
    select asked.* from asked join places on places.n = asked.n and places.is_main
), worked_on as (
    select held.*, a.place from held
    cross join lateral (
        select ctid as place from arrival
        where workspace_id = held.workspace_id and lane = held.lane and arrival_id = held.arrival_id
            and state = 'waiting'
        for update) a
), written as (
    update arrival set state = w.state, reason = w.reason, explanation = w.explanation,
        attempts = attempts + w.counted,
        next_at = case when w.state = 'waiting' and w.blocked_on = '' then now() + make_interval(secs => w.delay) end,
        settled_at = case when w.state <> 'waiting' then now() end
    from worked_on w where arrival.ctid = w.place
), next as (
    select held.n, a.arrival_id, a.raw_id, a.channel_id, a.kind, a.content, a.attempts,
        extract(epoch from a.arrived_at)::float8 as arrived,
        extract(epoch from now() - a.arrived_at)::float8 as waited, o.others, exists (
            select 1 from unnest(o.others) other
            cross join lateral (
                select arrival_id from arrival
                where workspace_id = held.workspace_id and lane = other and lane <> held.lane and state = 'waiting'
                order by arrival_id limit 1) w
            where w.arrival_id < a.arrival_id) as behind
    from held
    cross join lateral (
        select * from arrival
        where workspace_id = held.workspace_id and lane = held.lane and state = 'waiting'
            and arrival_id <> held.arrival_id
        order by arrival_id limit 1) a
    cross join lateral (
        select a.also || array(select j.lane from lane_join j
            where j.workspace_id = held.workspace_id and j.name = held.lane and j.lane <> held.lane) as others) o
    where held.state <> 'waiting'
), going as (
    select places.*, held.state, held.delay, held.blocked_on, next.n is not null as more
    from held
    join places on places.n = held.n
    left join next on next.n = held.n
    where (next.n is null or not held.go_on)
        and not exists (select 1 from places other where other.n = held.n and not other.seen)
), gone as (
    update lane set holder = null, due_at = case when going.blocked_on = '' or not going.is_main
            then now() + make_interval(secs => case when going.is_main then going.delay else 0 end)
            else 'infinity' end,
        blocked_on = case when going.is_main then going.blocked_on else '' end,
        since = case when going.is_main and going.blocked_on <> '' then now() else lane.since end,
        ready = lane.ready and (not going.is_main or going.state = 'waiting' or going.more),
        priority = case when going.is_main and going.state <> 'waiting' and not going.more
            then 0 else lane.priority end
    from going
    where lane.ctid = going.place
    returning lane.workspace_id, lane.lane, going.n, going.is_main as main
), woken as (
    update lane set due_at = now(), blocked_on = ''
    from (
        select l.place from gone
        cross join lateral (
            select ctid as place from lane
            where workspace_id = gone.workspace_id and blocked_on = 'lane:' || gone.lane and blocked_on <> ''
            for update skip locked) l
    ) waiting
    where lane.ctid = waiting.place
    returning 1
)
select asked.n, held.n is not null as held, gone.n is not null as gone, next.arrival_id, next.raw_id::text as raw_id,
    next.channel_id, next.kind, next.content, next.attempts, next.arrived, next.waited, next.others, next.behind,
    exists (select 1 from woken) as woken
from asked
left join held on held.n = asked.n
left join gone on gone.n = asked.n and gone.main
left join next on next.n = asked.n;

-- name: renew_lanes
-- A row that somebody writes at this very moment is left out, and renewed the next time.
with asked as (
    select * from json_to_recordset(:entries::json) as asked (n int, workspace_id text, lane text, epoch bigint)
), mine as (
    select l.place, asked.n from asked
    cross join lateral (
        select ctid as place from lane
        where workspace_id = asked.workspace_id and lane = asked.lane and epoch = asked.epoch
            and holder is not distinct from :holder
        for update skip locked) l
)
update lane set due_at = now() + make_interval(secs => :lease)
from mine where lane.ctid = mine.place
returning mine.n;

-- name: free_lanes_of_the_dead
-- A worker whose session is gone holds nothing any more: its lock, which only it had, can be had.
with gone as (
    select holder from (select distinct holder from lane where holder is not null and holder <> :holder) others
    where pg_try_advisory_xact_lock(hashtextextended(holder::text, 7305))
), theirs as (
    select l.place from gone
    cross join lateral (select ctid as place from lane where holder = gone.holder for update skip locked) l
)
update lane set holder = null, due_at = now()
from theirs where lane.ctid = theirs.place
returning lane.workspace_id, lane.lane;

-- name: let_go!
-- The holder leaves.
update lane set holder = null, due_at = now() where holder = :holder;

-- name: wake_lanes!
-- Whatever waits for another try is tried now. One branch for each index, as in take_lanes.
update lane set due_at = now()
where ctid = any (array(
    select ctid from lane
    where ready and priority = 0 and due_at > now() and due_at < 'infinity' and holder is null
    union all
    select ctid from lane
    where ready and priority = 1 and due_at > now() and due_at < 'infinity' and holder is null));

-- name: is_free^
-- Of a lane that is ready: whether anybody may take it now.
select holder is null and due_at <= now() as free from lane
where workspace_id = :workspace_id and lane = :lane and ready;

-- name: ring!
select pg_notify('leadline_lanes', :sender);
