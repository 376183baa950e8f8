"""Random well-typed conditions, for property tests of reading and of meaning."""

from functools import cache

from hypothesis import strategies as st

INTS = ["days_past_due", "days_in_stage", "instalments_past_due", "age_years"]
MONEY = ["past_due_amount", "outstanding", "total_past_due"]
FLAGS = ["promise_open", "on_hold", "paused", "has_phone"]
TEXTS = ["bucket", "product", "previous_stage"]
SOME_TEXTS = ["", "M0", "M1", "cash-loan", "it's", "现金贷", "m1"]

numbers = st.sampled_from(["0", "1", "2", "3", "7", "30", "2.5", "0.1", "-3", "1.000001", "10"])
whole_numbers = st.sampled_from(["0", "1", "2", "3", "7", "30", "-3"])
amounts = st.sampled_from(["0", "5000.00", "0.5", "0.505", "10.005", "-1", "4999.99", "0.000001", "100"])


@cache
def ints(depth: int) -> st.SearchStrategy[str]:
    """Terms that are whole numbers, nested so deep."""
    return st.deferred(lambda: _ints(depth))


def _ints(depth: int) -> st.SearchStrategy[str]:
    if not depth:
        return st.one_of(st.sampled_from(INTS), whole_numbers)
    inner = ints(depth - 1)
    return st.one_of(
        inner,
        st.builds("({} {} {})".format, inner, st.sampled_from("+-%"), inner),
        st.builds("{} * {}".format, st.sampled_from(INTS), whole_numbers),
        st.builds("{}({}, {})".format, st.sampled_from(["least", "greatest"]), inner, inner),
        st.builds("abs({})".format, inner),
        st.builds("- {}".format, inner),
    )


@cache
def money(depth: int) -> st.SearchStrategy[str]:
    """Terms that are money whatever their literals, so one operand is always a fact."""
    return st.deferred(lambda: _money(depth))


def _money(depth: int) -> st.SearchStrategy[str]:
    fact = st.sampled_from(MONEY)
    if not depth:
        return fact
    inner = money(depth - 1)
    return st.one_of(
        inner,
        st.builds("({} {} {})".format, inner, st.sampled_from("+-"), st.one_of(inner, amounts)),
        st.builds(
            "{}({}, {})".format, st.sampled_from(["least", "greatest"]), st.one_of(inner, amounts), fact
        ),
        st.builds("abs({})".format, inner),
        st.builds("- {}".format, inner),
    )


shares = st.one_of(
    st.builds("({} / {})".format, ints(1), ints(1)),
    st.builds("({} / {})".format, money(1), money(1)),
    st.builds("({} * {})".format, ints(0), numbers),
    st.builds("({} / {} + {})".format, ints(1), numbers, ints(0)),
)
computed_money = st.one_of(
    st.builds("({} * {})".format, money(1), numbers),
    st.builds("({} / {})".format, money(1), st.one_of(numbers, ints(1))),
    st.builds("({} + {} * 0.1)".format, money(1), money(0)),
)
operators = st.sampled_from(["=", "<>", "!=", "<", "<=", ">", ">="])


def comparisons() -> st.SearchStrategy[str]:
    number = st.one_of(ints(2), ints(2), shares, numbers)
    amount = st.one_of(money(2), computed_money)
    text = st.sampled_from(TEXTS)
    listed = st.lists(st.sampled_from(SOME_TEXTS), min_size=1, max_size=3).map(
        lambda words: ", ".join("'" + word.replace("'", "''") + "'" for word in words)
    )
    maybe_not = st.sampled_from(["", "not "])
    return st.one_of(
        st.builds("{} {} {}".format, number, operators, number),
        st.builds("{} {} {}".format, amount, operators, st.one_of(amounts, amount)),
        st.builds("{} {} {}".format, amounts, operators, amount),
        st.builds("{} {}between {} and {}".format, number, maybe_not, number, number),
        st.builds("{} {}between {} and {}".format, amount, maybe_not, amounts, st.one_of(amounts, amount)),
        st.builds("{} {}in ({}, {})".format, ints(1), maybe_not, whole_numbers, numbers),
        st.builds("{} {}in ({}, {})".format, amount, maybe_not, amounts, amounts),
        st.builds("{} {}in ({})".format, text, maybe_not, listed),
        st.builds("{} {} {}".format, text, st.sampled_from(["=", "<>"]), text),
        st.sampled_from([*FLAGS, "true", "false", "on_hold = paused", "(days_past_due > 3) <> has_phone"]),
    )


comparison = st.deferred(comparisons)
#: Any condition the language allows.
conditions = st.recursive(
    comparison,
    lambda inner: st.one_of(
        st.builds("{} {} {}".format, inner, st.sampled_from(["and", "or"]), inner),
        st.builds("not ({})".format, inner),
        st.builds("({})".format, inner),
        st.builds("not {}".format, comparison),
    ),
    max_leaves=5,
)


#: Conditions without money, `/` or `%`, that DuckDB can run as they are written.
plain_conditions = st.recursive(
    st.one_of(
        st.builds("{} {} {}".format, ints(2), operators, ints(2)),
        st.builds("{} not in ({}, {})".format, ints(1), whole_numbers, whole_numbers),
        st.builds("{} between {} and {}".format, ints(1), ints(1), ints(1)),
        st.sampled_from(FLAGS),
    ).filter(lambda text: "%" not in text),
    lambda inner: st.one_of(
        st.builds("{} {} {}".format, inner, st.sampled_from(["and", "or", "AND", "Or"]), inner),
        st.builds("not {}".format, st.sampled_from([*FLAGS, "days_past_due > 3", "age_years in (1, 2)"])),
    ),
    max_leaves=5,
)


def is_chinese(text: str) -> bool:
    """Whether a sentence for Chinese readers has been written in Chinese."""
    return any("\u4e00" <= sign <= "\u9fff" for sign in text)
