-- Snapshots of accounts, checked beside their neighbours, and what each means; twin of core/loans/account.py. The newest
-- of each loan counts. `counts` are the products whose due date is the first day past due.
create or replace temp table accounts_sent as select * from {new_accounts};

insert into rejected
select 'accounts', row_at, loan_key, 'as_of',
    case when lines = first_lines then {said_again}
         else 'this loan_id stands more than once with this as_of; the first was kept' end
from (select row_at, loan_key, lines, first_value(lines) over one as first_lines, row_number() over one as nth
      from (select *, row({columns}) as lines from accounts_sent)
      window one as (partition by loan_key, as_of order by row_at))
where nth > 1;

insert into rejected
select 'accounts', row_at, loan_key, 'loan_id',
    'the loan has instalments too; send it in accounts or in instalments, not in both'
from accounts_sent
where row_at >= 0 and loan_key in (select loan_key from instalments_sorted);

-- Over a book it is the instalments of a delta that don't fit the account there.
insert into rejected
select 'instalments', i.row_at, i.loan_key, 'loan_id',
    'the loan is given in accounts; send it in accounts or in instalments, not in both'
from instalments_sorted i
where i.row_at >= 0 and i.loan_key in (select loan_key from accounts_sent where row_at < 0);

create or replace temp table accounts_kept as
select a.*, row_number() over (partition by a.loan_key order by a.as_of desc) = 1 as newest,
    least(coalesce(a.last_payment_on, a.as_of), a.as_of) as shown_until,
    l.product_no in ({counts}) as counts
from accounts_sent a join loans_keyed l using (loan_key)
where not exists (
    select 1 from rejected r where r.file = 'accounts' and r.row_at = a.row_at and r.loan_key = a.loan_key);

-- What the feed's payments brought, as far as the snapshot knows of them: in all, and since the statement.
create or replace temp table accounts_paid as
select a.loan_key, a.as_of, max(p.paid_on) as last_paid_on,
    coalesce(sum(p.counted) filter (where p.paid_on > a.statement_on), 0)::bigint as since_statement
from accounts_kept a
join payments_sorted p on p.loan_key = a.loan_key and p.counted > 0 and p.paid_on <= a.shown_until
group by a.loan_key, a.as_of;

create or replace temp table accounts_meant as
select a.*, coalesce(a.last_payment_on, p.last_paid_on) as last_paid_on,
    greatest(0, coalesce(a.minimum_due, 0) - coalesce(a.paid_since_statement, p.since_statement, 0))::bigint as to_pay,
    coalesce(a.minimum_due_on < a.as_of, false) and to_pay > 0 as missed,
    coalesce(a.past_due_principal, a.past_due_interest, a.past_due_fee, a.past_due_penalty) is not null as in_parts
from accounts_kept a left join accounts_paid p using (loan_key, as_of);

create or replace temp table accounts_file as
select row_at, loan_key, as_of, {columns},
    (case when in_parts then coalesce(past_due_principal, 0)
          when past_due is not null then past_due
          when charge_off_on is not null then balance
          when missed then least(balance, to_pay) else 0 end)::bigint as late_principal,
    case when in_parts then coalesce(past_due_interest, 0) else 0 end::bigint as late_interest,
    case when in_parts then coalesce(past_due_fee, 0) else 0 end::bigint as late_fee,
    case when in_parts then coalesce(past_due_penalty, 0) else 0 end::bigint as late_penalty,
    case when late_principal + late_interest + late_fee + late_penalty = 0 then null
         else coalesce(oldest_due_on,
            case when days_past_due > 0 then as_of - (days_past_due - counts::integer) end,
            case when minimum_due_on < as_of then minimum_due_on end, first_delinquent_on, charge_off_on)
    end::date as late_since,
    least(balance, to_pay)::bigint as minimum_left, shown_until, last_paid_on, newest
from accounts_meant
order by loan_key, as_of;
