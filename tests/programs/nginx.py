"""nginx: as it is compiled, as Debian configures it, and with its ways of sending a file chosen one by one."""

import concurrent.futures
import re

import stage as st

SIZE = 4 << 20


def program(stage):
    """Unpacked from Debian's package, for installing it would start a server."""
    path = stage.built / "nginx/usr/sbin/nginx"
    if not path.exists():
        path = "/usr/sbin/nginx"
    st.need(path)
    return path


def packaged_settings(stage):
    """What Debian's nginx.conf says of how files are sent."""
    path = stage.built / "nginx/etc/nginx/nginx.conf"
    if not path.exists():
        path = "/etc/nginx/nginx.conf"
    st.need(path)
    wanted = r"^\s*((?:sendfile|tcp_nopush|tcp_nodelay|directio|aio|output_buffers)\b[^;]*;)"
    return " ".join(re.findall(wanted, open(path, encoding="utf-8").read(), re.MULTILINE))


def serve(stage, name, settings, tls="", port=None):
    """Starts it, as a context; yields its port."""
    folder, port = stage.scratch(name), port or st.free_port()
    paths = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(f"""
daemon off; user root; worker_processes 1; pid {folder}/pid; error_log stderr;
events {{ worker_connections 64; }}
http {{
  log_format bytes '$uri $body_bytes_sent'; access_log {folder}/access.log bytes;
  {paths} {settings}
  server {{ listen 127.0.0.1:{port}{" ssl" if tls else ""}; {tls} root {stage.files}; }}
}}
""")
    return stage.server(name, [program(stage), "-p", folder, "-c", folder / "nginx.conf", "-e", "stderr"], port), port


def one_file(name, settings):
    def trace(stage):
        path = stage.file(f"{name}.bin", SIZE)
        server, port = serve(stage, name, settings(stage))
        with server:
            st.fetch(port, path)

    return trace


def by_tls(name, options):
    """With TLS: in the library, or in the kernel where Options KTLS says so and the tls module is there."""
    def trace(stage):
        path = stage.file(f"{name}.bin", SIZE)
        pem = st.certificate(stage.scratch(f"{name}_keys"))
        tls = f"ssl_certificate {pem}; ssl_certificate_key {pem}; ssl_protocols TLSv1.3; {options}"
        server, port = serve(stage, name, "sendfile on;", tls)
        with server:
            st.fetch(port, path, tls=True)

    return trace


def ten_clients(stage):
    """Ten files of different sizes at once; leaves the access log beside the document."""
    paths = [stage.file(f"ten_{i}.bin", 300_000 + 77_777 * i) for i in range(10)]
    server, port = serve(stage, "nginx_ten", packaged_settings(stage))
    with server, concurrent.futures.ThreadPoolExecutor(10) as clients:
        list(clients.map(lambda path: st.fetch(port, path), paths))
    (stage.results / "nginx_ten.log").write_bytes((stage.folder / "nginx_ten/access.log").read_bytes())


PROGRAMS = {
    "nginx_default": one_file("nginx_default", lambda stage: ""),
    "nginx_packaged": one_file("nginx_packaged", packaged_settings),
    "nginx_sendfile_off": one_file("nginx_sendfile_off", lambda stage: "sendfile off;"),
    "nginx_directio": one_file("nginx_directio", lambda stage: "directio 512;"),
    "nginx_ten": ten_clients,
    "nginx_tls": by_tls("nginx_tls", ""),
    "nginx_kernel_tls": by_tls("nginx_kernel_tls", "ssl_conf_command Options KTLS;"),
}
