-- The reply that a conversation was told to be late; empty where none waits, or nobody was told.
alter table conversation add column late_arrival_id bigint;
create index conversation_late on conversation (workspace_id) where late_arrival_id is not null;
