-- Every act of a person: who, from where, what, about whom, before and after. Rows are only added. Each names the hash of
-- the one before, so that what is changed, taken out or put in between shows. subject and detail may be erased with the
-- person they name: the hash is made of their salted hash, which stays.
create table audit (
    workspace_id text not null,
    audit_id bigint not null,
    at timestamptz not null default clock_timestamp(),
    actor text not null,
    source text not null default '',
    act text not null,
    subject text,
    detail jsonb,
    salt uuid default gen_random_uuid(),
    content_hash bytea not null,
    previous bytea not null,
    hash bytea not null,
    primary key (workspace_id, audit_id)
);
comment on column audit.source is 'console, command line, panel or api';
comment on column audit.salt is 'erased with subject and detail: without it nobody can try what they were';

create function audit_content(salt uuid, subject text, detail jsonb) returns bytea language sql immutable as $$
    select sha256(uuid_send(salt) || convert_to(coalesce(subject, '') || chr(10) || coalesce(detail::text, ''), 'UTF8'))
$$;

create function audit_link(previous bytea, workspace text, id bigint, at timestamptz, actor text, source text, act text,
    content bytea) returns bytea language sql immutable as $$
    select sha256(previous || convert_to(concat_ws(chr(10), workspace, id::text,
        to_char(at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), actor, source, act), 'UTF8') || content)
$$;

create function chain_audit() returns trigger language plpgsql as $$
declare
    last record;
begin
    perform pg_advisory_xact_lock(hashtextextended(new.workspace_id, 7304));
    select audit_id, hash into last from audit where workspace_id = new.workspace_id order by audit_id desc limit 1;
    new.audit_id := coalesce(last.audit_id, 0) + 1;
    new.previous := coalesce(last.hash, ''::bytea);
    new.content_hash := audit_content(new.salt, new.subject, new.detail);
    new.hash := audit_link(new.previous, new.workspace_id, new.audit_id, new.at, new.actor, new.source, new.act,
        new.content_hash);
    return new;
end $$;
create trigger chain before insert on audit for each row execute function chain_audit();

-- Only the purge takes rows away, the oldest, and only an erasure empties one.
create function keep_audit() returns trigger language plpgsql as $$
begin
    if current_setting('leadline.audit', true) is distinct from 'purge' then
        raise exception 'the audit is only added to';
    end if;
    return coalesce(new, old);
end $$;
create trigger keep before update or delete on audit for each row execute function keep_audit();
create trigger keep_all before truncate on audit for each statement execute function keep_audit();

-- What people do is seen where it is written, whichever door they came through. The actor is set for the transaction.
create function note_act(workspace text, who text, what text, about text, more jsonb) returns void language plpgsql as $$
begin
    if coalesce(who, '') <> '' then
        insert into audit (workspace_id, actor, source, act, subject, detail)
        values (workspace, who, coalesce(current_setting('leadline.source', true), ''), what, about,
            jsonb_strip_nulls(more));
    end if;
end $$;

create function note_channel() returns trigger language plpgsql as $$
declare
    who text := current_setting('leadline.actor', true);
    about text := coalesce(new.channel_id, old.channel_id)::text;
begin
    if tg_op = 'INSERT' then
        perform note_act(new.workspace_id, who, 'channel.connected', about,
            jsonb_build_object('after', jsonb_build_object('name', new.name, 'provider', new.provider,
                'address', new.address)));
    elsif new.removed_at is not null and old.removed_at is null then
        perform note_act(new.workspace_id, who, 'channel.removed', about, jsonb_build_object('name', new.name));
    elsif new.key <> old.key then
        perform note_act(new.workspace_id, who, 'channel.rotated', about, jsonb_build_object('name', new.name));
    elsif new.settings <> old.settings or new.address <> old.address or new.name <> old.name then
        perform note_act(new.workspace_id, who, 'channel.changed', about, jsonb_build_object(
            'before', jsonb_build_object('name', old.name, 'address', old.address),
            'after', jsonb_build_object('name', new.name, 'address', new.address)));
    end if;
    return null;
end $$;
create trigger note after insert or update on channel for each row execute function note_channel();

create function note_correction() returns trigger language plpgsql as $$
begin
    perform note_act(new.workspace_id, new.author, 'link.' || new.kind, new.handle,
        jsonb_build_object('number', new.correction_id, 'before', nullif(new.from_id, ''),
            'after', nullif(new.into_id, ''), 'undoes', new.undoes));
    return null;
end $$;
create trigger note after insert on correction for each row execute function note_correction();

create function note_merge() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' or new.state <> old.state then
        perform note_act(new.workspace_id,
            case when new.state in ('undoing', 'undone') then new.undo_author else new.author end,
            'merge.' || new.state, new.from_id, jsonb_build_object('number', new.merge_id, 'way', new.way,
                'into', new.into_id, 'before', case when tg_op = 'UPDATE' then old.state end, 'code', nullif(new.code, '')));
    elsif new.erased_at is not null and old.erased_at is null then
        perform note_act(new.workspace_id, current_setting('leadline.actor', true), 'merge.forgotten', null,
            jsonb_build_object('number', new.merge_id));
    end if;
    return null;
end $$;
create trigger note after insert or update on merge for each row execute function note_merge();

create function note_arrival() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        perform note_act(new.workspace_id, new.content ->> 'author', 'message.begun', new.content -> 'target' ->> 'handle',
            jsonb_build_object('number', new.arrival_id, 'channel', new.channel_id,
                'template', new.content -> 'template' ->> 'name'));
    else
        perform note_act(new.workspace_id, current_setting('leadline.actor', true),
            case new.state when 'dropped' then 'parked.dropped' else 'parked.retried' end, new.lane,
            jsonb_build_object('number', new.arrival_id, 'kind', new.kind, 'reason', old.reason));
    end if;
    return null;
end $$;
create trigger note_begun after insert on arrival for each row when (new.kind = 'begun') execute function note_arrival();
create trigger note_parked after update of state on arrival for each row
    when (old.state = 'parked' and new.state in ('waiting', 'dropped')) execute function note_arrival();
