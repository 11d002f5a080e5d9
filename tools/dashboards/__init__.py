"""The Grafana dashboards: written as code, checked and drawn against a real InfluxDB."""
