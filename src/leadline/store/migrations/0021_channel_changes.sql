-- Whoever keeps channels in memory hears of every change, whatever made it.
create function tell_channel_changed() returns trigger language plpgsql as $$
begin
    perform pg_notify('leadline_channels', '');
    return null;
end $$;
create trigger channel_changed after insert or update or delete or truncate on channel
    for each statement execute function tell_channel_changed();
