-- A reversal must name a payment of the same loan, once, and not another reversal. Joins run as written.
create or replace temp table reversals as
select r.row_at, r.loan_key, r.reverses,
    case
        when o.payment_id is null then {reverses_nothing}
        when o.reverses <> ''
            then {reverses_reversal}
        when r.amount <> 0 and abs(r.amount) <> o.amount then {reverses_other_amount}
        when row_number() over (partition by r.loan_key, r.reverses order by r.row_at) > 1
            then {reversed_already}
    end as reason
from payments_sorted o
right join (select * from payments_sorted where reverses <> '') r
    on o.loan_key = r.loan_key and o.payment_id = r.reverses;

insert into rejected
select 'payments', row_at, loan_key, 'reverses', reason from reversals where reason is not null;

-- A reversed payment counts as never made, and so does the row that says so. The order stays that of payments_sorted.
update payments_sorted set counted = 0
from (select loan_key, reverses from reversals where reason is null) undone
where undone.loan_key = payments_sorted.loan_key and undone.reverses = payments_sorted.payment_id;

delete from payments_sorted where row_at >= 0 and row_at in (select row_at from reversals where reason is not null);

create or replace temp view payments_good as from payments_sorted;
