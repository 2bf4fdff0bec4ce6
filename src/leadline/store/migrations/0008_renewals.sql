-- Credentials that end are renewed from time to time.
alter table channel_round drop constraint channel_round_kind_check;
alter table channel_round add constraint channel_round_kind_check check (kind in ('poll', 'templates', 'renewal'));
