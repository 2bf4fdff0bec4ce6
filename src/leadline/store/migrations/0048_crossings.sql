alter table conversation add column crossed_at timestamptz;
comment on column conversation.crossed_at is 'when the customer last wrote in Intercom''s Messenger instead of on the channel';
