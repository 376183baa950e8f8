"""What a visit brings: its outcome and the events a visitor sends."""
