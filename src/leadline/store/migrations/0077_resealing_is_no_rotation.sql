-- What is sealed with another key of the installation changes both at once: `key.rotated` tells it once, and no webhook
-- address has changed.
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
