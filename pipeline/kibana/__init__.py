"""Kibana: data views, saved searches and dashboards, generated from one readable file, and their installation."""
