-- People who were let in before a workspace was connected have their seats in 'installation'. The first workspace that
-- is known takes them over, and the links that were printed until then.
-- Of two that become known at the same moment one takes them: deleting first makes the other one wait, and find none.
create function take_seats_over() returns trigger language plpgsql as $$
begin
    with taken as (
        delete from seat where workspace_id = 'installation' returning operator_id, role
    )
    insert into seat (workspace_id, operator_id, role)
    select new.workspace_id, operator_id, role from taken
    on conflict (workspace_id, operator_id) do nothing;
    update operator_link set workspace_id = new.workspace_id where workspace_id = 'installation';
    return null;
end $$;
create trigger workspace_known after insert on workspace for each row execute function take_seats_over();
create trigger workspace_returned after update of removed_at on workspace for each row
    when (old.removed_at is not null and new.removed_at is null) execute function take_seats_over();

-- A paused channel takes messages and keeps them; they go on, and replies go out, once it is resumed.
alter table channel add column paused_at timestamptz;
-- When the provider last accepted the present credentials; null where nobody has asked, or it refused them.
alter table channel add column proved_at timestamptz;

-- What is sealed with another key of the installation changes settings and key at once: `key.rotated` tells it once, and
-- no webhook address has changed.
create or replace function note_channel() returns trigger language plpgsql as $$
declare
    who text := current_setting('leadline.actor', true);
    about text := new.channel_id::text;
    called jsonb := jsonb_build_object('name', new.name);
begin
    if tg_op = 'INSERT' then
        perform note_act(new.workspace_id, who, 'channel.connected', about,
            jsonb_build_object('after', called || jsonb_build_object('provider', new.provider, 'address', new.address)));
    elsif new.removed_at is not null and old.removed_at is null then
        perform note_act(new.workspace_id, who, 'channel.removed', about, called);
    elsif new.removed_at is null and old.removed_at is not null then
        perform note_act(new.workspace_id, who, 'channel.restored', about, called);
    elsif new.paused_at is not null and old.paused_at is null then
        perform note_act(new.workspace_id, who, 'channel.paused', about, called);
    elsif new.paused_at is null and old.paused_at is not null then
        perform note_act(new.workspace_id, who, 'channel.resumed', about, called);
    elsif new.key <> old.key and new.settings <> old.settings then
        return null;
    elsif new.key <> old.key then
        perform note_act(new.workspace_id, who, 'channel.rotated', about, called);
    elsif new.settings <> old.settings or new.address <> old.address or new.name <> old.name then
        perform note_act(new.workspace_id, who, 'channel.changed', about, jsonb_build_object(
            'before', jsonb_build_object('name', old.name, 'address', old.address),
            'after', jsonb_build_object('name', new.name, 'address', new.address)));
    end if;
    return null;
end $$;
