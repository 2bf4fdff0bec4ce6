-- Backups that were made. A row stands in the backup itself, so that a restored database knows how old it is.
create table backup (
    workspace_id text not null,
    began_at timestamptz not null default now(),
    checked_at timestamptz,
    restored_at timestamptz,
    primary key (workspace_id, began_at)
);
comment on column backup.checked_at is 'read back whole';
comment on column backup.restored_at is 'the database was restored from it; what came meanwhile may be in Intercom already';
