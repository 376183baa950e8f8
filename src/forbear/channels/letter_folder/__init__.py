"""Letters for a printing house: each as PDF in a folder, with what goes on the envelope beside it."""
