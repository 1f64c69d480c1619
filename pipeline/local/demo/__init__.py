"""The demonstration: sample feeds of invented agencies and a local server for them."""
