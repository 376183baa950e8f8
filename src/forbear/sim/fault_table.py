"""Everything that goes wrong in the simulator: what it stands for, and what must happen then."""

#: Each fault: what it stands for, and what must happen.
FAULTS: dict[str, tuple[str, str]] = {
    "provider_busy": ("the provider does not take a message now", "sent later and later again"),
    "provider_refuses": ("the provider rejects a message", "failed, on record, not sent again"),
    "provider_unknown": ("no answer came: the message may have left", "unknown, never sent again"),
    "provider_lies": (
        "the provider says yes and sends nothing",
        "sent as far as anybody can know; not sent again",
    ),
    "provider_slow": (
        "another worker takes the message for lost before the answer comes",
        "unknown, never sent again",
    ),
    "worker_dies_before": ("the worker died after deciding and before the wire", "unknown, never sent again"),
    "worker_dies_after": (
        "the worker died after the wire and before writing it down",
        "unknown, never sent again",
    ),
    "permit_runs_out": (
        "the clock jumps ahead before the wire",
        "nothing leaves; the permit gate is asked again",
    ),
    "clock_back": (
        "the clock jumps back, by minutes or by two days",
        "nothing is done twice; chains and seals hold",
    ),
    "report_twice": ("a provider's report comes twice", "counts once"),
    "report_early": ("a report overtakes the answer", "not kept, sent again"),
    "report_contradicts": ("a later report says the opposite", "the surer one stays"),
    "reply_hostile": ("a reply holds what might break a program", "kept as it came, left to a person"),
    "phone_late": ("a visitor's phone has no network at the door", "reported in the evening, as it happened"),
    "phone_twice": ("a visitor's phone tells the same again", "counts once, answered alike"),
    "payment_twice": ("a payment is reported twice", "counts once"),
    "payment_bounces": ("a payment is taken back", "as if never made: cases and promises follow"),
    "payment_backdated": ("a payment is reported days later", "the next night is right"),
    "feed_half_written": ("the feed's file is cut off", "refused whole, the book as it was"),
    "feed_late": ("the feed does not come that morning", "the night decides on what is known"),
    "feed_twice": ("the same feed is sent again", "counts once"),
    "night_twice": ("a second night runs beside the first", "published once"),
    "crash_at_write": ("the process dies before a write", "the act is done whole, once, when asked again"),
    "crash_at_commit": (
        "the process dies at a commit, before or after it",
        "done once, no matter who asks again",
    ),
    "database_gone": (
        "the database is restarted in an act",
        "nothing half done; done when asked again",
    ),
    "database_locked": ("the database stays locked for too long", "nothing half done; done when asked again"),
    "disk_full": ("no file can grow: the disk is full", "nothing half done; done when there is room"),
}
