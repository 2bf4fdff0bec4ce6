-- A merge of a batch is looked at again just before it is made, link by link; and an undo that could not take back
-- everything is called so, and can be asked for again.

alter table duplicate_merge add column chain jsonb not null default '[]';
comment on column duplicate_merge.chain is
    'links that lead from from_id to into_id: [{"one": id, "other": id, "evidence": see identity/same_person.py:packed}]';

alter table duplicate_batch drop constraint duplicate_batch_state_check;
alter table duplicate_batch add constraint duplicate_batch_state_check
    check (state in ('running', 'stopped', 'done', 'undoing', 'partly_undone', 'undone'));

-- "Not the same" two steps away is found from either side of a judgement.
create index duplicate_judgement_other on duplicate_judgement (workspace_id, other_id);

update duplicate_batch b set state = 'partly_undone'
where b.state = 'undone' and exists (
    select from duplicate_merge m
    where m.workspace_id = b.workspace_id and m.batch_id = b.batch_id and m.state = 'merged');
