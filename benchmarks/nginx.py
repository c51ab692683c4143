"""nginx as a plain reverse proxy: one worker, kept connections to the backend, the same headers."""

from __future__ import annotations

from pathlib import Path

from benchmarks.written_envoy import PROOF


def write(directory: Path, *, port: int, backend_port: int) -> list[str | Path]:
    """Write the configuration; return the command that runs it as one process in the foreground."""
    file = directory / "nginx.conf"
    # `master_process off`: the process that is started is the one that works, so its processor time is what counts.
    file.write_text(
        f"""daemon off;
master_process off;
pid {directory}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {directory}/nginx-body;
    proxy_temp_path {directory}/nginx-proxy;
    fastcgi_temp_path {directory}/nginx-fastcgi;
    uwsgi_temp_path {directory}/nginx-uwsgi;
    scgi_temp_path {directory}/nginx-scgi;
    keepalive_requests 100000000;
    upstream tasks {{
        server 127.0.0.1:{backend_port};
        keepalive 64;
        keepalive_requests 100000000;
    }}
    server {{
        listen 127.0.0.1:{port};
        location /tasks {{
            proxy_pass http://tasks;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header X-Request-ID $request_id;
            proxy_set_header X-Gateway-Headers "";
            proxy_set_header X-Gateway-Authorization "{PROOF}";
            proxy_next_upstream error timeout;
            proxy_read_timeout 60s;
        }}
    }}
}}
""",
        encoding="utf-8",
    )
    return ["nginx", "-e", "stderr", "-p", directory, "-c", file]
