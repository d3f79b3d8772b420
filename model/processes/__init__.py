"""What happens in a week, one module a process; the order stands in :mod:`shequ.model.schedule`."""
