"""Scenarios: what the plans do, written as data (YAML), and compiled into what a model is built from."""
