-- Duplicates: groups of contacts that are probably one person, as the last scan of the directory found them, and what
-- people said about pairs. Only ids and weights: names and addresses are read from the directory or from Intercom.

create table duplicate_scan (
    workspace_id text primary key,
    scanned_at timestamptz not null default now(),
    rules text not null,
    least int not null,
    contacts int not null,
    compared int not null,
    groups int not null,
    mergeable int not null,
    seconds float8 not null
);
comment on column duplicate_scan.least is 'tenths of a point that a pair needed to be kept';

create table duplicate_group (
    workspace_id text not null,
    group_id text not null,
    contact_ids text[] not null,
    survivor_id text not null,
    tenths int not null,
    gain int not null,
    named boolean not null,
    primary key (workspace_id, group_id)
);
comment on column duplicate_group.group_id is 'the smallest of its contact ids';
comment on column duplicate_group.contact_ids is 'the proposed survivor first';
comment on column duplicate_group.tenths is 'of the weakest link that holds it together';
comment on column duplicate_group.gain is 'contacts that Intercom lets merge away';
comment on column duplicate_group.named is 'whether every link passes the name gate';
create index duplicate_group_score on duplicate_group (workspace_id, tenths desc, group_id);
create index duplicate_group_gain on duplicate_group (workspace_id, gain desc, tenths desc, group_id);
create index duplicate_group_member on duplicate_group using gin (contact_ids) with (fastupdate = off);

create table duplicate_pair (
    workspace_id text not null,
    one_id text not null,
    other_id text not null check (one_id < other_id),
    tenths int not null,
    evidence text not null,
    primary key (workspace_id, one_id, other_id)
);
comment on column duplicate_pair.evidence is 'see identity/same_person.py:packed';

-- A person's word on two contacts. It outlives every scan.
create table duplicate_judgement (
    workspace_id text not null,
    one_id text not null,
    other_id text not null check (one_id < other_id),
    verdict text not null check (verdict in ('same', 'different', 'unsure')),
    author text not null,
    evidence text not null default '',
    judged_at timestamptz not null default now(),
    until timestamptz,
    primary key (workspace_id, one_id, other_id)
);
comment on column duplicate_judgement.until is 'of an unsure one: not shown before; null: shown, and never merged in a batch';
