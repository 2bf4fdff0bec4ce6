-- A message that its provider counts as several, each with reports of its own, is delivered when all of them are.
alter table outbound add column parts jsonb not null default '{}';
comment on column outbound.parts is 'the state of each, by the provider''s id';
