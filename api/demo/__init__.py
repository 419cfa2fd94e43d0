"""The main job, played for every installed city through the running service."""
