"""Servers in Java: Tomcat's default servlet, Netty's DefaultFileRegion, the JDK's HTTPS server. Compiled beforehand."""

import shutil
import subprocess

import stage as st

JARS = "/usr/share/java"
TOMCAT = [f"{JARS}/tomcat10-embed-core.jar", f"{JARS}/jakarta-annotation-api.jar"]
NETTY = [f"{JARS}/netty-{part}.jar" for part in ("buffer", "codec", "common", "handler", "transport")] + [
    f"{JARS}/jctools-core.jar"]
SIZE = 4 << 20


def serve(name, main, jars, fetch, arguments):
    def trace(stage):
        java = shutil.which("java")
        if not java:
            raise st.Missing("java is missing")
        st.need(stage.built / f"{main}.class", *jars)
        path, port = stage.file(f"{name}.bin", SIZE), st.free_port()
        classes = ":".join([str(stage.built), *jars])
        command = [java, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Djava.net.preferIPv4Stack=true",
                   "-cp", classes, main, port, *arguments(stage, name, path)]
        with stage.server(name, command, port):
            fetch(port, path)

    return trace


def fetch_by_tls(port, path):
    st.fetch(port, path, tls=True)


def keys(folder):
    """A key and a certificate that nobody need trust, as Java wants them."""
    path = folder / "keys.p12"
    subprocess.run(["openssl", "pkcs12", "-export", "-in", st.certificate(folder), "-out", path, "-passout", "pass:password"],
                   check=True, capture_output=True)
    return path


PROGRAMS = {
    "tomcat": serve("tomcat", "TomcatServer", TOMCAT, st.fetch,
                    lambda stage, name, path: [stage.scratch(name), stage.files]),
    "netty": serve("netty", "NettyServer", NETTY, st.receive, lambda stage, name, path: [path]),
    "java_tls": serve("java_tls", "HttpsFileServer", [], fetch_by_tls,
                      lambda stage, name, path: [stage.files, keys(stage.scratch(name))]),
}
SOURCES = {"TomcatServer": TOMCAT, "NettyServer": NETTY, "HttpsFileServer": []}
