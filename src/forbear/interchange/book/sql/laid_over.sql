-- A delta over the book: a row of the delta replaces the book's row with the same key, the rest stays.
-- Rows of the book carry row_at = -1. Only what is kept of the delta replaces anything: a refused row leaves
-- the book's row in its place.
create temp table book_keys as
select b.loan_key as old_key, k.loan_key, k.loan_id
from {before} b join loans_keyed k using (loan_id);
