-- What people do with duplicates is seen in the audit, too: batches that are made, stopped, gone on with and taken back, and
-- whether merging unattended is on. Each merge of a batch is there already.

create function note_duplicate_batch() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        perform note_act(new.workspace_id, new.author, 'duplicates.batch', null,
            jsonb_build_object('number', new.batch_id, 'unattended', nullif(new.unattended, false)));
    elsif (new.state, old.state) in (('stopped', 'running'), ('running', 'stopped')) or new.state = 'undoing' then
        perform note_act(new.workspace_id, current_setting('leadline.actor', true),
            case new.state when 'stopped' then 'duplicates.stopped' when 'running' then 'duplicates.resumed'
                else 'duplicates.undoing' end, null, jsonb_build_object('number', new.batch_id));
    end if;
    return null;
end $$;
create trigger note after insert or update of state on duplicate_batch
    for each row execute function note_duplicate_batch();

create function note_duplicate_auto() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        perform note_act(old.workspace_id, current_setting('leadline.actor', true), 'duplicates.auto_off', null, '{}');
    else
        perform note_act(new.workspace_id, new.author, 'duplicates.auto_on', null,
            jsonb_build_object('points', new.least / 10, 'reviewed', new.pairs));
    end if;
    return null;
end $$;
create trigger note after insert or update or delete on duplicate_auto for each row execute function note_duplicate_auto();
