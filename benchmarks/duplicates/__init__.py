"""Finding duplicates, measured: made workspaces with labels, yardsticks of others, and other ways in the same run."""
