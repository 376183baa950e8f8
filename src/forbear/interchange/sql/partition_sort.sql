-- One partition's rows in the order of the book. Views new_*, tables loans_keyed, products and shifts are
-- there already; `rejected` collects rows that fail beside their neighbours.
create or replace temp table rejected (file varchar, row_at bigint, loan_key integer, field varchar, reason varchar);

insert into rejected
select 'borrowers', row_at, null, 'borrower_id', 'this borrower_id stands more than once; the first was kept'
from (select row_at, row_number() over (partition by borrower_id order by row_at) as nth from new_borrowers)
where nth > 1;

create or replace temp table borrowers as
select * from new_borrowers
where row_at not in (select row_at from rejected where file = 'borrowers');

create or replace temp table pauses as
select row_at, loan_key, starts_on, coalesce(ends_on, date '9999-12-31') as ends_on
from new_pauses order by loan_key, starts_on, ends_on, row_at;

create or replace temp table instalments_sorted as
select * from new_instalments order by loan_key, number, row_at;

create or replace temp table payments_sorted as
select * from new_payments order by loan_key, paid_on, payment_id, row_at;
