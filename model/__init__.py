"""What happens among the agents, week by week."""
