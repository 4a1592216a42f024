"""The planner's desk: what a planner answers from the data of a city."""
