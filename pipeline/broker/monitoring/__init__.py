"""What a long-lived process tells its operators: metrics, liveness, readiness, and the endpoint that serves them."""
