-- What is still owed on each unpaid instalment, and whether it is past due. At most one instalment of a loan is
-- paid in part; what went into it is spread in the product's order. Horizon: the last due date that matters tonight.
select
    loan_key, number, falls_due_on, amount, due_before,
    (falls_due_on < $as_of or (due_date_counts = 1 and falls_due_on = $as_of)) and amount > tolerance as past_due,
    case when paid_in = 0 then principal else principal - least(principal, greatest(0, paid_in
        - interest * interest_before_principal - fee * fee_before_principal
        - penalty * penalty_before_principal)) end as principal,
    case when paid_in = 0 then interest else interest - least(interest, greatest(0, paid_in
        - principal * principal_before_interest - fee * fee_before_interest
        - penalty * penalty_before_interest)) end as interest,
    case when paid_in = 0 then fee else fee - least(fee, greatest(0, paid_in
        - principal * principal_before_fee - interest * interest_before_fee
        - penalty * penalty_before_fee)) end as fee,
    case when paid_in = 0 then penalty else penalty - least(penalty, greatest(0, paid_in
        - principal * principal_before_penalty - interest * interest_before_penalty
        - fee * fee_before_penalty)) end as penalty
from (
    select u.*, l.product_no, l.due_date_counts, l.tolerance,
        greatest(0, l.paid - u.due_before) as paid_in,
        u.due_to_date - greatest(l.paid, u.due_before) as amount
    from (
        select *, due_to_date - principal - interest - fee - penalty as due_before
        from $instalments where falls_due_on <= $horizon and settled_on > $as_of) u
    join near l on l.loan_key = u.loan_key and l.owes)
join order_of_parts using (product_no)
