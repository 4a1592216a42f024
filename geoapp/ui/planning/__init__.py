"""The tabs of the planner's desk."""
