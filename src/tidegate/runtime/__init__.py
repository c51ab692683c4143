"""The composition root: what `tidegate up` starts, how it is kept running, how it ends.

Two programs live here. The *supervisor* is light (standard library only) and owns processes and the state directory's
lock. The *control* process reads, compiles and publishes; it tells the supervisor over a socketpair what should run.
Reading order: `options`, `state_directory`, `processes`, `restarts` (the table), `spawn`, `guardian`, `children`,
`channel`, `supervisor`, `up`; then `control`, `control_plane`, `reconciler` (the loop) and what it is composed of:
`compiler`, `start_checks`, `issuer_watch`, `proofs`, `workloads`, `replicas`, `readiness`, `process_plan`, `reporter`;
last the operator's side: `operator_server`, `operations`, `status`, `ready`.

Nothing is imported here, so that the supervisor starts fast.
"""

__all__: list[str] = []
