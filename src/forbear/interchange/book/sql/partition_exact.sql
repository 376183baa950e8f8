-- The exact checks of rows beside their neighbours. A row that fails goes to the quarantine and counts no further.
-- One that says again what another row says is no half of a ledger: it goes there too, but casts no doubt.
insert into rejected
select 'instalments', row_at, loan_key, 'number',
    case when lines = first_lines then {said_again}
         else 'this number stands more than once in the loan; the first was kept' end
from (select row_at, loan_key, lines, first_value(lines) over one as first_lines, row_number() over one as nth
      from (select *, row(due_on, principal, interest, fee, penalty) as lines from instalments_sorted)
      window one as (partition by loan_key, number order by row_at))
where nth > 1;

insert into rejected
select 'payments', row_at, loan_key, 'payment_id',
    case when lines = first_lines then {said_again}
         else 'this payment_id stands more than once in the loan; the first was kept' end
from (select row_at, loan_key, lines, first_value(lines) over one as first_lines, row_number() over one as nth
      from (select *, row(paid_on, amount, reverses) as lines from payments_sorted)
      window one as (partition by loan_key, payment_id order by row_at))
where nth > 1;

create or replace temp table instalments_sorted as
select * from instalments_sorted
where row_at not in (select row_at from rejected where file = 'instalments')
order by loan_key, number, row_at;

create or replace temp table payments_sorted as
select * from payments_sorted
where row_at not in (select row_at from rejected where file = 'payments')
order by loan_key, paid_on, payment_id, row_at;
