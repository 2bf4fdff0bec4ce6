-- name: act_as!
select set_config('leadline.actor', :actor, true), set_config('leadline.source', :source, true);

-- name: note_act!
-- What changes no table of its own: a copy that was made, a purge, a rotation.
select note_act(:workspace_id, current_setting('leadline.actor', true), :act, :subject, :detail::jsonb);

-- name: audit
select audit_id, at, actor, source, act, subject, detail from audit
where workspace_id = :workspace_id and audit_id > :after order by audit_id limit :count;

-- name: last_audit
select * from (
    select audit_id, at, actor, source, act, subject, detail from audit
    where workspace_id = :workspace_id order by audit_id desc limit :count) latest
order by audit_id;

-- name: audit_state^
-- How many there are, the latest hash, and the first number at which the chain does not hold; what was purged at its
-- beginning is not missed, what was erased is not compared.
with checked as (
    select a.audit_id, a.hash,
        a.hash = audit_link(a.previous, a.workspace_id, a.audit_id, a.at, a.actor, a.source, a.act, a.content_hash)
            and (a.salt is null or a.content_hash = audit_content(a.salt, a.subject, a.detail))
            and a.previous = coalesce(lag(a.hash) over (order by a.audit_id), a.previous)
            and a.audit_id = coalesce(lag(a.audit_id) over (order by a.audit_id) + 1, a.audit_id) as holds
    from audit a where a.workspace_id = :workspace_id
)
select count(*) as count, min(audit_id) filter (where not holds) as broken,
    (array_agg(encode(hash, 'hex') order by audit_id desc))[1] as head
from checked;

-- name: allow_purge!
select set_config('leadline.audit', 'purge', true);

-- name: purge_audit!
-- The newest stays, so that the chain goes on from it. Numbers follow the time: the first that is young ends the search.
delete from audit where workspace_id = :workspace_id and audit_id in (
    select a.audit_id from audit a where a.workspace_id = :workspace_id and a.audit_id < coalesce(
        (select audit_id from audit where workspace_id = :workspace_id and at >= :before order by audit_id limit 1),
        (select max(audit_id) from audit where workspace_id = :workspace_id))
    order by a.audit_id limit :batch);

-- name: audit_found
-- Newest first, before a number; what is null leaves nothing out.
select audit_id, at, actor, source, act, subject, detail from audit
where workspace_id = :workspace_id
    and (:before::bigint is null or audit_id < :before)
    and (:actor::text is null or position(lower(:actor) in lower(actor)) > 0)
    and (:act::text is null or act = :act)
    and (:source::text is null or source = :source)
    and (:about::text is null or subject = :about or detail ->> 'number' = :about)
    and (:since::timestamptz is null or at >= :since)
    and (:until::timestamptz is null or at < :until)
order by audit_id desc limit :count;
