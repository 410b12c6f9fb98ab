"""Takes over videos from another process of a cluster, and hands them over."""
