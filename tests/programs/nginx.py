"""nginx: as it is compiled, as Debian configures it, and with its ways of sending a file chosen one by one."""

import concurrent.futures
import gzip
import http.client
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


def serve(stage, name, settings, tls="", places="", port=None):
    """Starts it, as a context; yields its port."""
    folder, port = stage.scratch(name), port or st.free_port()
    paths = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(f"""
daemon off; user root; worker_processes 1; pid {folder}/pid; error_log stderr;
events {{ worker_connections 64; }}
http {{
  log_format bytes '$uri $body_bytes_sent'; access_log {folder}/access.log bytes;
  {paths} {settings}
  server {{ listen 127.0.0.1:{port}{" ssl" if tls else ""}; {tls} root {stage.files}; {places} }}
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


def ways(stage):
    """Each place another way: without sendfile, past the page cache, compressed, and passed on from another server."""
    paths = {name: stage.file(f"{name}.bin", SIZE) for name in ("sendfile_off", "directio", "passed")}
    text = stage.files / "compressed.bin"
    text.write_text(paths["passed"].read_bytes().hex())
    with st.upstream(stage.files) as behind:
        settings = {"sendfile_off": "sendfile off;", "directio": "directio 512;",
                    "compressed": "gzip on; gzip_comp_level 1; gzip_http_version 1.0; gzip_types *;",
                    "passed": f"proxy_pass http://127.0.0.1:{behind};"}
        places = " ".join(f"location /{name}.bin {{ {what} }}" for name, what in settings.items())
        server, port = serve(stage, "nginx_ways", "", places=places)
        with server:
            for path in paths.values():
                st.fetch(port, path)
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=st.PATIENCE)
            connection.request("GET", f"/{text.name}", headers={"Accept-Encoding": "gzip", "Connection": "close"})
            st.check_bytes(gzip.decompress(connection.getresponse().read()), text)
            connection.close()


PROGRAMS = {
    "nginx_default": one_file("nginx_default", lambda stage: ""),
    "nginx_packaged": one_file("nginx_packaged", packaged_settings),
    "nginx_ways": ways,
    "nginx_ten": ten_clients,
    "nginx_tls": by_tls("nginx_tls", ""),
    "nginx_kernel_tls": by_tls("nginx_kernel_tls", "ssl_conf_command Options KTLS;"),
}
WHY = {
    "nginx_default": {("nginx_default.bin", "socket"): ["buffer_to_socket"]},
    "nginx_packaged": {},
    "nginx_ways": {
        ("sendfile_off.bin", "socket"): ["buffer_to_socket"],
        ("directio.bin", "socket"): ["direct_to_socket"],
        # That what was read is what was compressed cannot be told from what is measured.
        ("nginx", "socket"): ["own_compression"],
        ("socket", "socket"): ["proxy"],
    },
    "nginx_ten": {},
    "nginx_tls": {("nginx_tls.bin", "nginx"): ["read_for_tls"], ("nginx", "socket"): ["own_tls"]},
    "nginx_kernel_tls": {("nginx_kernel_tls.bin", "socket"): ["kernel_tls"]},
}

STACKS = {
    "nginx_default": {
        ("nginx_default.bin", "socket"): ["ngx_http_output_filter ngx_output_chain ngx_read_file pread",
                                          "ngx_http_write_filter ngx_linux_sendfile_chain ngx_writev writev"],
    },
}
