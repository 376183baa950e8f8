-- From `source_loans` (row, loan as JSON) to the feed.

-- The day of an ISO time, in UTC; anything else stays as it is written.
create temp macro day_of(text) as
    case when regexp_full_match(text, '[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].*)?')
         then coalesce(cast(cast(try_cast(text as timestamptz) as date) as varchar), text) else text end;

-- An amount of at most two decimals, exactly; NULL for anything else.
create temp macro exact(text) as
    case when regexp_full_match(text, '-?[0-9]{1,15}(\.[0-9]{1,2}0*)?') then cast(text as decimal(18, 2)) end;

create temp macro amount_of(text) as coalesce(cast(exact(text) as varchar), text);

create temp macro items(list) as case when json_type(list) = 'ARRAY' then from_json(list, '["JSON"]') else [] end;

create temp macro is_no_list(list) as json_type(list) not in ('ARRAY', 'NULL');

create temp table loans as
select row,
       loan ->> '$.id' as id,
       loan ->> '$.borrower_id' as borrower,
       loan ->> '$.status' as source_status,
       loan ->> '$.loan_amount' as loan_amount,
       loan ->> '$.disbursal_date' as disbursal_date,
       loan ->> '$.country_code' as country_code,
       loan -> '$.scheduled_payments' as scheduled,
       loan -> '$.payments' as payments
from source_loans where json_type(loan) = 'OBJECT';

create temp table instalments as
select row, id, number, item ->> '$.due_date' as due_date, item ->> '$.amount' as amount
from (select row, id, unnest(items(scheduled)) as item, unnest(range(1, len(items(scheduled)) + 1)) as number
      from loans);

create temp table payments as
select row, id, place, item ->> '$.payment_id' as payment_id, item ->> '$.processed_date' as processed_date,
       item ->> '$.amount' as amount
from (select row, id, unnest(items(payments)) as item, unnest(range(1, len(items(payments)) + 1)) as place
      from loans);

create temp table balances as
select row,
       coalesce((select sum(exact(amount)) from instalments i where i.row = l.row), 0) as owed,
       coalesce((select sum(exact(amount)) from payments p where p.row = l.row), 0) as received
from loans l;

create temp view feed_loans as
select id as loan_id,
       coalesce(borrower, 'borrower-of-' || id) as borrower_id,
       'kiva-loan' as product,
       'USD' as currency,
       amount_of(loan_amount) as principal,
       day_of(disbursal_date) as disbursed_on,
       -- A loan that is over and repaid needs no word of the lender's: its ledger shows that nothing is owed,
       -- and shows what was owed on an earlier day. "closed" is for one that is over with something unpaid.
       case when source_status is null or source_status in ('', 'funded', 'in_repayment') then 'active'
            when source_status = 'defaulted' then 'written_off'
            when source_status in ('paid', 'refunded', 'expired', 'deleted', 'fundraising', 'inactive',
                                   'inactive_expired', 'reviewed', 'issue')
                 then case when owed > received then 'closed' else 'active' end
            else source_status end as status, row as source_row
from loans join balances using (row)
order by row;

create temp view feed_instalments as
select id as loan_id, number::varchar as number, day_of(due_date) as due_on, amount_of(amount) as principal,
       '0.00' as interest, '0.00' as fee, '0.00' as penalty, row as source_row
from instalments
order by row, instalments.number;

create temp view feed_payments as
select payment_id, id as loan_id, day_of(processed_date) as paid_on, amount_of(amount) as amount,
       null::varchar as reverses, row as source_row
from payments
order by row, place;

create temp view feed_borrowers as
select coalesce(borrower, 'borrower-of-' || id) as borrower_id, null::varchar as name, null::varchar as phone,
       null::varchar as email, null::varchar as language, arg_min(country_code, row) as region,
       null::varchar as timezone, null::varchar as born_on
from loans
where borrower is not null or id is not null
group by 1
order by 1;

create temp view left_out as
select 'loans.json' as file, row, 'loan' as record, null::varchar as loan_id, null::decimal(18, 2) as amount,
       'the loan is not a JSON object' as reason
from source_loans where json_type(loan) <> 'OBJECT'
union all
select 'loans.json', row, 'instalment', id, null, 'scheduled_payments is not a list'
from loans where is_no_list(scheduled)
union all
select 'loans.json', row, 'payment', id, null, 'payments is not a list'
from loans where is_no_list(payments);

create temp view source_rows as
select 'loans.json' as file, count(*) as rows from source_loans
union all
select 'loans.json: scheduled_payments',
       coalesce(sum(json_array_length(loan, '$.scheduled_payments')), 0) from source_loans
union all
select 'loans.json: payments', coalesce(sum(json_array_length(loan, '$.payments')), 0) from source_loans;

create temp view control as
select 'instalments' as measure,
       (select coalesce(sum(exact(amount)), 0)
        from (select unnest(loan ->> '$.scheduled_payments[*].amount') as amount from source_loans)) as source,
       (select coalesce(sum(exact(principal)), 0) from feed_instalments) as feed,
       (select coalesce(sum(amount), 0) from left_out where record = 'instalment') as left_out
union all
select 'payments',
       (select coalesce(sum(exact(amount)), 0)
        from (select unnest(loan ->> '$.payments[*].amount') as amount from source_loans)),
       (select coalesce(sum(exact(amount)), 0) from feed_payments),
       (select coalesce(sum(amount), 0) from left_out where record = 'payment');
