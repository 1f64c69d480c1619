"""An example of an extension of Wiredesk."""
