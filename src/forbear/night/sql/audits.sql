-- An audit is a query that returns bad rows. `blocking` ones stop the publish. Views: arrears, cases,
-- treatments (tonight's files); $loans: the book. Those `unless_accepted` stop it too in a lender of some size, until a
-- person answers for it.

-- audit one_row_a_loan blocking: a loan stands more than once in arrears
select loan_id as example from arrears group by loan_id having count(*) > 1;

-- audit one_row_a_borrower blocking: a borrower has more than one case
select borrower_id as example from cases group by borrower_id having count(*) > 1;

-- audit parts_make_the_whole blocking: the parts of a past-due amount do not sum to it
select loan_id as example from arrears
where past_due_principal + past_due_interest + past_due_fee + past_due_penalty <> past_due_amount
   or least(past_due_principal, past_due_interest, past_due_fee, past_due_penalty) < 0;

-- audit late_means_owed blocking: days past due without a past-due amount, or more past due than outstanding
select loan_id as example from arrears
where (days_past_due > 0) <> (past_due_amount > 0) or past_due_amount > outstanding
   or (days_past_due > 0) <> (oldest_unpaid_due_on is not null);

-- audit payoff_covers_past_due blocking: more is past due than settles the loan, and the feed is not in doubt
select loan_id as example from arrears
where (past_due_amount > payoff and not feed_doubt) or balance > payoff or balance < 0;

-- audit late_has_case blocking: a borrower with a late loan has no case
select borrower_id as example from arrears
where days_past_due > 0 and borrower_id not in (select borrower_id from cases);

-- audit closed_is_quiet blocking: a closed loan is in arrears
select a.loan_id as example from arrears a join $loans l using (loan_id) where l.status = 'closed';

-- audit held_is_quiet blocking: a treatment is planned for a case that is held or has no stage
select t.borrower_id as example from treatments t join cases c using (borrower_id)
where c.held or c.stage = '' or c.stage <> t.stage;

-- audit treated_has_case blocking: a treatment is planned for a borrower without a case
select borrower_id as example from treatments where borrower_id not in (select borrower_id from cases);

-- audit doubtful_is_quiet blocking: a treatment is planned for a borrower with a row in quarantine
select t.borrower_id as example from treatments t join cases c using (borrower_id) where c.feed_doubt;

-- audit many_opened unless_accepted: more than a third of the cases were opened tonight, though there was a night before
select borrower_id as example from cases
where $has_previous and change = 'opened' and (select count(*) filter (where change = 'opened') * 3 > count(*) from cases);

-- audit stale_payments unless_accepted: the newest payment is more than three days older than the night
select newest::varchar as example from (select $newest_payment as newest)
where newest < $as_of - 3;
