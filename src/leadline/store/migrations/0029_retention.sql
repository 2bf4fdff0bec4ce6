-- What is done is purged by age. These indexes cost next to nothing when a row is written: rows come in order of time.
create index raw_received on raw using brin (received_at) with (autosummarize = on);
create index arrival_arrived on arrival using brin (arrived_at) with (autosummarize = on);
create index step_begun on step using brin (begun_at) with (autosummarize = on);
create index outbound_created on outbound using brin (created_at) with (autosummarize = on);
