-- The same account and number connected twice would bring every message twice. Channels of former versions get their
-- fingerprint when the next one is connected; of two that are the same only one can have it.
alter table channel add column fingerprint text not null default '';
create unique index channel_fingerprint on channel (workspace_id, fingerprint)
    where fingerprint <> '' and removed_at is null;
comment on column channel.fingerprint is 'hash of account and number in one spelling';
