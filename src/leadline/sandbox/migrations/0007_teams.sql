create table team (
    id bigint primary key,
    name text not null,
    admin_ids jsonb not null default '[]'
);
