-- A decimal as a whole number; NULL if it isn't one.
create temp macro whole(value) as case when value = trunc(value) then cast(value as integer) end;

-- The date that many days from the anchor; NULL beyond a hundred years, such as the filler 365243.
create temp macro day_from_anchor(days) as
    case when days = trunc(days) and days between -36525 and 36525
         then getvariable('anchor') + cast(days as integer) end;

-- An amount of at most three decimals, exactly; NULL for anything else.
create temp macro exact(text) as
    case when regexp_full_match(text, '-?[0-9]{1,14}(\.[0-9]{1,3}0*)?') then cast(text as decimal(18, 3)) end;

-- What was written, kept only where it could not be read.
create temp macro unread(value, text) as case when value is null then text end;
