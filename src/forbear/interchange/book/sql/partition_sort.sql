-- One partition's rows in the order of the book. The tables loans_keyed and shifts are there already; `rejected`
-- collects rows that fail beside their neighbours.
create or replace temp table rejected (file varchar, row_at bigint, loan_key integer, field varchar, reason varchar);

create or replace temp table pauses as
select row_at, loan_key, starts_on, coalesce(ends_on, date '9999-12-31') as ends_on
from {new_pauses} order by loan_key, starts_on, ends_on, row_at;

create or replace temp table instalments_sorted as
select * from {new_instalments} order by loan_key, number, row_at;

-- A payment counts until it is reversed, and a reversal never does.
create or replace temp table payments_sorted as
select *, case when reverses = '' then amount else 0 end as counted
from {new_payments} order by loan_key, paid_on, payment_id, row_at;
