"""Kibana: data views, saved searches and dashboards, generated from one YAML file, and their installation."""
