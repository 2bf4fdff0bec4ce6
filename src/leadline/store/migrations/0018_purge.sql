-- What is old is found by its age, whatever else there is: a purge reads what it deletes.
create index raw_by_age on raw (workspace_id, received_at);
create index arrival_by_age on arrival (workspace_id, settled_at) where state in ('done', 'dropped');
create index step_by_age on step (workspace_id, begun_at);
create index outbound_by_age on outbound (workspace_id, created_at);
create index avatar_by_age on avatar (workspace_id, created_at);
create index file_link_by_age on file_link (workspace_id, created_at);
create index link_by_age on link (workspace_id, superseded_at) where superseded_at is not null;
create index consent_by_age on consent (workspace_id, superseded_at) where superseded_at is not null;
create index correction_by_age on correction (workspace_id, corrected_at);

-- Lanes whose messages were purged before lanes were.
delete from lane l
where not l.ready and l.holder is null and not exists (
    select from arrival a where a.workspace_id = l.workspace_id and a.lane = l.lane);
