-- name: set_up^
-- What is there of all that the set-up leads to.
select
    exists (select from topic_heard where workspace_id = :workspace_id and topic not in ('panel', 'refused')) as webhook,
    exists (select from channel where workspace_id = :workspace_id and removed_at is null) as channel,
    exists (select from arrival where workspace_id = :workspace_id and kind = 'message') as message;
