-- From `entries`, `pos_cash_balance` and `previous_application` to the feed.

-- One row for each instalment. `disputed`: the source gives it more than one version, day or amount.
create temp table calendar as
select loan, number, min(row) as row, min(due) as due, min(amount) as amount,
       min(version) <> max(version) or min(due) <> max(due) or min(amount) <> max(amount) as disputed
from entries where readable
group by loan, number;

-- The disputed instalments, one row for each version, day and amount, with the payments listed there.
create temp table versions as
select loan, number, version, due, amount, min(row) as row,
       coalesce(string_agg(concat(paid_on, paid_on_text, ' ', paid, paid_text), '; '
                           order by paid_on, paid_on_text, paid, paid_text) filter (has_payment), '') as receipts,
       coalesce(sum(paid) filter (has_payment), 0) as received
from entries
semi join (from calendar where disputed) using (loan, number)
where readable
group by loan, number, version, due, amount;

-- The newest version is the calendar in force. Where every version lists the same payments, they are
-- one set of payments repeated, and count once. If besides they cover all versions together, the versions
-- are parts of one instalment that those payments met, and their amounts add up; otherwise the
-- newest amount replaced the older ones.
create temp table decided as
select *, repeated and received >= sum(amount) over instalment as parts,
       sum(amount) over instalment as all_parts,
       first_value(version) over newest_first as newest_version
from (
    select *, row_number() over newest_first as place,
           receipts <> '' and min(receipts) over instalment = max(receipts) over instalment as repeated
    from versions
    window instalment as (partition by loan, number),
           newest_first as (partition by loan, number order by version desc, due desc, amount desc)
)
window instalment as (partition by loan, number),
       newest_first as (partition by loan, number order by version desc, due desc, amount desc);

create temp table unreadable as
select loan, loan_text, version, number, number_text, due, due_text, amount, amount_text, min(row) as row
from entries where not readable group by all;

create temp table instalments as
select row, loan, null::varchar as loan_text, number, null::varchar as number_text,
       due, null::varchar as due_text, amount, null::varchar as amount_text
from calendar where not disputed
union all
select row, loan, null, number, null, due, null, case when parts then all_parts else amount end, null
from decided where place = 1
union all
select row, loan, loan_text, number, number_text, due, due_text, amount, amount_text
from unreadable;

create temp table left_out_payments as
select e.row, e.loan::varchar as loan, e.paid,
       'the same payment is listed against version ' || d.newest_version || ' of this instalment too' as reason
from entries e
join decided d using (loan, number, version, due, amount)
where e.readable and e.has_payment and d.repeated and d.place > 1;

insert into left_out_payments
select row, coalesce(loan::varchar, loan_text), paid, 'a payment of nothing is no payment'
from entries where paid = 0 and row not in (select row from left_out_payments);

-- A mark, not a join: the rows stay in the order of the file without being sorted.
update entry set counts = false where rowid + 1 in (select row from left_out_payments);

create temp table latest_balance as
select SK_ID_PREV as loan, max(row) as row, arg_max(NAME_CONTRACT_STATUS, month_and_row) as status
from (select *, coalesce(whole(try_cast(MONTHS_BALANCE as decimal(12, 3))), -100000)::bigint * 1000000000
                + row as month_and_row
      from pos_cash_balance)
group by SK_ID_PREV;

create temp table application as
select SK_ID_PREV as loan, min(row) as row, arg_min(NAME_CONTRACT_TYPE, row) as contract_type,
       arg_min(AMT_CREDIT, row) as credit,
       day_from_anchor(try_cast(arg_min(DAYS_DECISION, row) as decimal(12, 3))) as decided
from previous_application
group by SK_ID_PREV;

create temp table loans as
with owed as (
    select coalesce(loan::varchar, loan_text) as loan, amount, first_due
    from (select loan, loan_text, sum(amount) as amount, min(due) as first_due
          from instalments group by loan, loan_text)
), received as (
    select coalesce(loan::varchar, loan_text) as loan, amount
    from (select loan, loan_text, sum(paid) as amount
          from entries where counts group by loan, loan_text)
)
select l.loan, l.borrower, l.has_card_version, b.status as source_status, a.contract_type, a.credit,
       -- the day of the decision stands for the day of disbursement, unless it can't be
       case when a.decided <= o.first_due then a.decided end as disbursed_on,
       coalesce(o.amount, 0) as owed, coalesce(r.amount, 0) as received
from (select coalesce(loan::varchar, loan_text) as loan, borrower, bool_or(has_card_version) as has_card_version
      from (select loan, loan_text, borrower, bool_or(version = 0) as has_card_version
            from entries where loan is not null or loan_text is not null group by loan, loan_text, borrower)
      group by all) l
left join owed o on o.loan = l.loan
left join received r on r.loan = l.loan
left join latest_balance b on b.loan = l.loan
left join application a on a.loan = l.loan;

create temp view feed_loans as
select loan as loan_id,
       borrower as borrower_id,
       case when contract_type = 'Consumer loans' then 'consumer-loan'
            when contract_type = 'Cash loans' then 'cash-loan'
            when contract_type = 'Revolving loans' then 'revolving-loan'
            when contract_type is not null and contract_type <> 'XNA' then contract_type
            when has_card_version then 'revolving-loan'
            else 'instalment-loan' end as product,
       getvariable('currency') as currency,
       case when credit is null or exact(credit) = 0 then owed::varchar
            else coalesce(exact(credit)::varchar, credit) end as principal,
       disbursed_on::varchar as disbursed_on,
       -- A loan that is over and paid needs no word of the lender's: its ledger shows that nothing is owed,
       -- and shows what was owed on an earlier day. "closed" is for one that is over with something unpaid.
       case when source_status is null
                 or source_status in ('Active', 'Signed', 'Approved', 'Demand', 'XNA') then 'active'
            when source_status = 'Amortized debt' then 'written_off'
            when source_status in ('Completed', 'Canceled', 'Returned to the store')
                 then case when owed > received then 'closed' else 'active' end
            else source_status end as status
from loans
order by loan, borrower;

create temp view feed_instalments as
select coalesce(loan::varchar, loan_text) as loan_id,
       coalesce(number::varchar, number_text) as number,
       coalesce(due::varchar, due_text) as due_on,
       coalesce(amount::varchar, amount_text) as principal,
       '0.000' as interest, '0.000' as fee, '0.000' as penalty, row as source_row
from instalments
order by loan, instalments.number, due, amount, loan_text, number_text, due_text, amount_text;

create temp view feed_payments as
select 'row-' || row as payment_id,
       coalesce(loan::varchar, loan_text) as loan_id,
       coalesce(paid_on::varchar, paid_on_text) as paid_on,
       coalesce(paid::varchar, paid_text) as amount,
       null::varchar as reverses, row as source_row
from entries where counts;

create temp view feed_borrowers as
select distinct borrower as borrower_id, null::varchar as name, null::varchar as phone,
       null::varchar as email, null::varchar as language, null::varchar as region,
       null::varchar as timezone, null::varchar as born_on
from entries where borrower is not null
order by borrower_id;

create temp view left_out as
select 'installments_payments.csv' as file, row, 'payment' as record, loan as loan_id, paid as amount, reason
from left_out_payments
union all
select 'installments_payments.csv', row, 'instalment', loan::varchar, amount,
       case when version = newest_version then 'a later line of this version of the calendar replaced this amount'
            else 'version ' || newest_version || ' of the calendar replaced this amount' end
from decided where place > 1 and not parts
union all
select 'POS_CASH_balance.csv', row, 'loan', loan, null,
       'installments_payments.csv has no instalment of this loan'
from latest_balance anti join loans using (loan)
union all
select 'previous_application.csv', row, 'loan', loan, null,
       'installments_payments.csv has no instalment of this loan'
from application anti join loans using (loan)
union all
select 'previous_application.csv', row, 'loan', SK_ID_PREV, null, 'an earlier row is about the same loan'
from previous_application anti join application using (row);

create temp view source_rows as
select 'installments_payments.csv' as file, count(*) as rows from entries
union all select 'POS_CASH_balance.csv', count(*) from pos_cash_balance having count(*) > 0
union all select 'previous_application.csv', count(*) from previous_application having count(*) > 0;

create temp view control as
select 'payments' as measure,
       (select coalesce(sum(paid), 0) from entries where has_payment) as source,
       (select coalesce(sum(try_cast(amount as decimal(18, 3))), 0) from feed_payments
        where regexp_full_match(amount, '-?[0-9]{1,14}\.[0-9]{3}')) as feed,
       (select coalesce(sum(amount), 0) from left_out where record = 'payment') as left_out
union all
select 'instalments',
       (select sum(amount) from (
            select coalesce(sum(amount), 0) as amount from calendar where not disputed
            union all select coalesce(sum(amount), 0) from versions
            union all select coalesce(sum(amount), 0) from unreadable)),
       (select coalesce(sum(amount), 0) from instalments),
       (select coalesce(sum(amount), 0) from left_out where record = 'instalment');
