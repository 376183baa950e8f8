"""The timetable and the workers: the only ones, with the web and the command line, that read the clock."""
