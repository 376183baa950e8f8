"""The command line. Exit status 0; 2 with one clear line for bad input; 1 for a failure of ours."""
