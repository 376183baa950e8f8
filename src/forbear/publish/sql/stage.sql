-- The tables a night is brought into before the desk's own tables change, all in one transaction. `known`: the desk has
-- the borrower already.
create temp table new_case (
    borrower_id varchar(64) primary key, worst_loan varchar(64), stage varchar(64), handler varchar(16),
    held boolean, facts {json}, value bigint, arms text, call_on date
);
create temp table new_loan (
    loan_id varchar(64) primary key, borrower_id varchar(64), product varchar(64), currency varchar(3),
    minor_unit integer, principal bigint, days_past_due integer, past_due_amount bigint,
    past_due_principal bigint, past_due_interest bigint, past_due_fee bigint, past_due_penalty bigint,
    outstanding bigint, payoff bigint, balance bigint, bucket varchar(8), oldest_unpaid_due_on date, written_off boolean,
    bought_from text, creditor varchar(64)
);
create temp table new_ledger (borrower_id varchar(64) primary key, lines {json}, digest varchar(64));
create temp table new_person (
    borrower_id varchar(64) primary key, name text, language varchar(16), region varchar(64),
    timezones {json}, born_on text, feed_digest varchar(32), known boolean
);
create temp table new_point (
    borrower_id varchar(64), kind varchar(16), value text, digest varchar(32), area text,
    latitude text, longitude text, known boolean
);
create temp table new_search (borrower_id varchar(64), term varchar(16));
create temp table new_consent (borrower_id varchar(64), channel varchar(16), given boolean);
create temp table new_treatment (
    borrower_id varchar(64), loan_id varchar(64), stage varchar(64), channel varchar(16), template varchar(64),
    position integer
)
