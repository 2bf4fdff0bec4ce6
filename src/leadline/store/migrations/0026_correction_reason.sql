-- Why the sender had been linked to the contact that a teammate took it from: so that corrections are counted by reason.
alter table correction add column reason text not null default '';
comment on column correction.reason is 'code of the decision that made the link; empty where a person or a merge had made it';

-- What monitoring counts.
create index correction_counted on correction (workspace_id, reason)
    where kind in ('detach', 'attach') and reason <> '' and from_id <> into_id and undone_at is null;

update correction c set reason = coalesce((
    select d.code from link l join decision d on d.workspace_id = l.workspace_id and d.arrival_id = l.arrival_id
    where l.workspace_id = c.workspace_id and l.handle = c.handle and l.contact_id = c.from_id
        and l.linked_at <= c.corrected_at
    order by l.link_id desc limit 1), '')
where kind in ('detach', 'attach');
