-- From `source_loans` to the feed.

-- The date of "2017-03-05 10:56:25.000000" as written; NULL for anything else.
create temp macro date_in(text) as
    case when regexp_full_match(text, '[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].*)?')
         then cast(try_cast(text as timestamp) as date) end;

-- An amount of at most two decimals in kobo; NULL for anything else.
create temp macro kobo(text) as
    case when regexp_full_match(text, '-?[0-9]{1,13}(\.[0-9]{1,2}0*)?')
         then cast(cast(text as decimal(18, 2)) * 100 as bigint) end;

create temp macro naira(minor) as cast(minor as decimal(16, 0)) * cast('0.01' as decimal(2, 2));

-- One row for each loan that is known; `instalments` is how many it has.
create temp table loans as
select *,
       case when principal is null or total is null then 1 else greatest(1, term // 30) end as instalments
from (
    select row, customerid as customer, systemloanid as loan,
           kobo(loanamount) as principal, loanamount, kobo(totaldue) as total, totaldue,
           coalesce(date_in(approveddate)::varchar, approveddate) as approved,
           date_in(firstduedate) as first_due, firstduedate,
           date_in(firstrepaiddate) as first_repaid, firstrepaiddate,
           date_in(closeddate) as closed, closeddate,
           case when regexp_full_match(termdays, '[0-9]{1,4}') then cast(termdays as integer) end as term
    from source_loans
) where term > 0;

-- Equal instalments; what doesn't divide goes on the last.
create temp table instalments as
select *,
       case when number < instalments then principal // instalments
            else principal - (principal // instalments) * (instalments - 1) end as principal_part,
       case when number < instalments then (total - principal) // instalments
            else (total - principal) - ((total - principal) // instalments) * (instalments - 1) end as interest_part
from (select *, unnest(range(1, instalments + 1))::integer as number from loans);

create temp table payments as
select row, loan, 1 as place, first_repaid::varchar as paid_on, principal_part + interest_part as amount,
       null::varchar as amount_text
from instalments where number = 1 and instalments > 1 and first_repaid < closed
union all
select l.row, l.loan, 2, coalesce(closed::varchar, closeddate), total - coalesce(i.first_part, 0),
       case when total is null then totaldue end
from loans l
left join (select row, principal_part + interest_part as first_part from instalments
           where number = 1 and instalments > 1 and first_repaid < closed) i using (row)
where closeddate is not null;

create temp view feed_loans as
select loan as loan_id, customer as borrower_id,
       case when instalments > 1 then 'instalment-loan' else 'payday-loan' end as product,
       'NGN' as currency,
       coalesce(naira(principal)::varchar, loanamount) as principal,
       approved as disbursed_on,
       -- Repaid loans stay active: the ledger shows that nothing is owed, and what was owed on an earlier day.
       'active' as status, row as source_row
from loans
order by row;

create temp view feed_instalments as
select loan as loan_id, number::varchar as number,
       coalesce((first_due + 30 * (number - 1))::varchar, firstduedate) as due_on,
       coalesce(naira(principal_part)::varchar, loanamount) as principal,
       case when total is null then totaldue when principal is null then '0.00'
            else naira(interest_part)::varchar end as interest,
       '0.00' as fee, '0.00' as penalty, row as source_row
from instalments
order by row, instalments.number;

create temp view feed_payments as
select loan || '-' || place as payment_id, loan as loan_id, paid_on,
       coalesce(naira(amount)::varchar, amount_text) as amount, null::varchar as reverses, row as source_row
from payments
order by row, place;

create temp view feed_borrowers as
select distinct customer as borrower_id, null::varchar as name, null::varchar as phone,
       null::varchar as email, null::varchar as language, null::varchar as region,
       null::varchar as timezone, null::varchar as born_on
from loans where customer is not null
order by borrower_id;

create temp view left_out as
select 'trainprevloans.csv' as file, row, 'loan' as record, systemloanid as loan_id,
       naira(kobo(totaldue)) as amount,
       'termdays is not a number of days, so its instalments are unknown' as reason
from source_loans anti join loans using (row)
union all
select 'trainprevloans.csv', row, 'payment', loan, null,
       'a repayment of unknown amount: the loan has a firstrepaiddate and no closeddate'
from loans where closeddate is null and firstrepaiddate is not null;

create temp view source_rows as
select 'trainprevloans.csv' as file, count(*) as rows from source_loans;

create temp view control as
with readable as (select *, kobo(totaldue) as total, kobo(loanamount) as principal from source_loans)
select 'instalments' as measure,
       (select coalesce(naira(sum(total)), 0) from readable where principal is not null) as source,
       (select coalesce(naira(sum(principal_part + interest_part)), 0) from instalments) as feed,
       (select coalesce(naira(sum(total)), 0) from readable anti join loans using (row)
        where principal is not null) as left_out
union all
select 'payments',
       (select coalesce(naira(sum(total)), 0) from readable where closeddate is not null),
       (select coalesce(naira(sum(amount)), 0) from payments),
       (select coalesce(naira(sum(total)), 0) from readable anti join loans using (row)
        where closeddate is not null);
