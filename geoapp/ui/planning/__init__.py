"""The views of the page Planner's desk."""
