-- Where the last complete look at Intercom's conversations began, by Intercom's clock, and what it found.
create table reconciliation (
    workspace_id text primary key,
    position double precision,
    looked_at timestamptz,
    trouble text not null default '',
    database_oid oid,
    skipped_from double precision,
    skipped_to double precision,
    found bigint not null default 0,
    found_at timestamptz
);
comment on column reconciliation.found is 'replies in all looks that no webhook had brought';
comment on column reconciliation.database_oid is 'of the database that the look was made with: a restored one has another';
comment on column reconciliation.skipped_from is 'what no look saw, because it is too long ago or the database was restored';

-- Intercom's time of the last change whose parts were looked at.
alter table conversation add column seen_at double precision not null default 0;
