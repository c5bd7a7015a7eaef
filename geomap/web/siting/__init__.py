"""Where the next ones should go: the planner's page of siting, its jobs, its map, its answer."""
