-- Conversations that are being opened: a reply may come before its conversation is on record.
create index step_opening on step (workspace_id, begun_at) where done_at is null and kind in ('open', 'begin');
