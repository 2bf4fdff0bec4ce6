-- Where the last complete look at Intercom's conversations began, by Intercom's clock, and what it found.
create table reconciliation (
    workspace_id text primary key,
    position double precision,
    looked_at timestamptz,
    trouble text not null default '',
    found bigint not null default 0,
    found_at timestamptz
);
comment on column reconciliation.found is 'replies in all looks that no webhook had brought';

-- Intercom's time of the last change whose parts were looked at.
alter table conversation add column seen_at double precision not null default 0;
