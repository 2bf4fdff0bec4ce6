-- Batches of merges of duplicates: what is to be merged, in order, and what became of each. The merges themselves are in the
-- journal (table merge).

create table duplicate_batch (
    workspace_id text not null,
    batch_id int not null,
    author text not null,
    unattended boolean not null default false,
    least int not null,
    state text not null check (state in ('running', 'stopped', 'done', 'undoing', 'undone')),
    made_at timestamptz not null default now(),
    ended_at timestamptz,
    primary key (workspace_id, batch_id)
);
comment on column duplicate_batch.least is 'tenths of a point a pair needs when it is looked at again just before its merge';

create table duplicate_merge (
    workspace_id text not null,
    batch_id int not null,
    position int not null,
    from_id text not null,
    into_id text not null,
    way text not null check (way in ('merge', 'promote')),
    evidence text not null,
    state text not null default 'waiting'
        check (state in ('waiting', 'merged', 'refused', 'skipped', 'undone')),
    merge_id bigint,
    explanation text not null default '',
    settled_at timestamptz,
    primary key (workspace_id, batch_id, position)
);
create index duplicate_merge_waiting on duplicate_merge (workspace_id, batch_id, position) where state = 'waiting';
