"""Pictures of the dashboards, drawn from real query results. Not Grafana's own rendering."""
