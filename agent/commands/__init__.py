"""The subcommands of ``windsock-agent``, a file for those that need the same parts."""
