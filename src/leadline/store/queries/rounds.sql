-- name: claim_round^
-- The round is this process's for `lease` seconds, unless it ran within `every` seconds or somebody else is at it.
insert into channel_round (workspace_id, channel_id, kind, claimed_at)
values (:workspace_id, :channel_id, :kind, now())
on conflict (workspace_id, channel_id, kind) do update set claimed_at = now()
where (channel_round.ran_at is null or channel_round.ran_at <= now() - make_interval(secs => :every))
    and (channel_round.claimed_at is null or channel_round.claimed_at < now() - make_interval(secs => :lease))
returning extract(epoch from reached_at)::float8 as reached, extract(epoch from now())::float8 as begun;

-- name: finish_round!
update channel_round
set claimed_at = null, ran_at = now(), trouble = '', reached_at = to_timestamp(:reached)
where workspace_id = :workspace_id and channel_id = :channel_id and kind = :kind;

-- name: fail_round!
-- What was reached stays: the next round asks for the same again.
update channel_round set claimed_at = null, ran_at = now(), trouble = :trouble
where workspace_id = :workspace_id and channel_id = :channel_id and kind = :kind;

-- name: round_of^
select extract(epoch from reached_at)::float8 as reached, trouble from channel_round
where workspace_id = :workspace_id and channel_id = :channel_id and kind = :kind;

-- name: restart_round!
-- As if it had just been gone well.
insert into channel_round (workspace_id, channel_id, kind, ran_at, reached_at)
values (:workspace_id, :channel_id, :kind, now(), now())
on conflict (workspace_id, channel_id, kind) do update set ran_at = now(), reached_at = now(), trouble = '';

-- name: rounds
select channel_id, kind, reached_at, ran_at, trouble from channel_round
where workspace_id = :workspace_id order by channel_id, kind;

-- name: known_dedupes
select dedupe from arrival
where workspace_id = :workspace_id and source = :source and dedupe = any(:dedupes::text[]);

-- name: forget_templates!
delete from template where workspace_id = :workspace_id and channel_id = :channel_id;

-- name: keep_template!
insert into template (workspace_id, channel_id, name, language, ref, document)
values (:workspace_id, :channel_id, :name, :language, :ref, :document)
on conflict (workspace_id, channel_id, name, language, ref) do update
set document = excluded.document, synced_at = now();

-- name: templates
select document, synced_at from template
where workspace_id = :workspace_id and channel_id = :channel_id
order by name, language, ref;

-- name: round_under_way^
select claimed_at from channel_round
where workspace_id = :workspace_id and channel_id = :channel_id and kind = :kind
    and claimed_at >= now() - make_interval(secs => :lease);
