-- One row for each row of installments_payments.csv, read into types; what can't be read stays as text
-- beside them. Each value is cast once: this runs over many millions of rows.
create temp table entry as
with cast_once as (
    select try_cast(SK_ID_PREV as bigint) as loan,
           try_cast(NUM_INSTALMENT_VERSION as decimal(12, 3)) as version,
           try_cast(NUM_INSTALMENT_NUMBER as decimal(12, 3)) as number,
           try_cast(DAYS_INSTALMENT as decimal(12, 3)) as due,
           try_cast(DAYS_ENTRY_PAYMENT as decimal(12, 3)) as paid_on,
           exact(AMT_INSTALMENT) as amount,
           exact(AMT_PAYMENT) as paid,
           SK_ID_CURR as borrower,
           SK_ID_PREV as loan_text,
           NUM_INSTALMENT_NUMBER as number_text,
           DAYS_INSTALMENT as due_text,
           DAYS_ENTRY_PAYMENT as paid_on_text,
           AMT_INSTALMENT as amount_text,
           AMT_PAYMENT as paid_text
    from source
),
typed as (
    select * replace (
           case when loan::varchar = loan_text then loan end as loan,
           coalesce(whole(version), -1) as version,
           whole(number) as number,
           day_from_anchor(due) as due,
           day_from_anchor(paid_on) as paid_on)
    from cast_once
)
select loan, borrower, version, number, due, amount, paid_on, paid,
       unread(loan, loan_text) as loan_text,
       unread(number, number_text) as number_text,
       unread(due, due_text) as due_text,
       unread(amount, amount_text) as amount_text,
       unread(paid_on, paid_on_text) as paid_on_text,
       unread(paid, paid_text) as paid_text,
       loan is not null and number is not null and due is not null and amount is not null as readable,
       paid_on_text is not null or paid_text is not null as has_payment,
       has_payment as counts
from typed;

-- A new table keeps the order of the file, so a row's place in it is its number; counting the rows
-- while reading them would keep all but one core waiting.
create temp view entries as select rowid + 1 as row, * from entry;
