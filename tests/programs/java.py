"""Servers in Java: Tomcat's default servlet, Netty's DefaultFileRegion, the JDK's HTTPS server. Compiled beforehand."""

import shutil
import subprocess

import stage as st

JARS = "/usr/share/java"
TOMCAT = [f"{JARS}/tomcat10-embed-core.jar", f"{JARS}/jakarta-annotation-api.jar"]
NETTY = [f"{JARS}/netty-{part}.jar" for part in ("buffer", "codec", "common", "handler", "transport")] + [
    f"{JARS}/jctools-core.jar"]
SIZE = 4 << 20


def command(stage, main, jars, *arguments):
    java = shutil.which("java")
    if not java:
        raise st.Missing("java is missing")
    return [java, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Djava.net.preferIPv4Stack=true",
            "-cp", ":".join([str(stage.built), *jars]), main, *arguments]


def serve(name, main, jars, fetch, arguments):
    def trace(stage):
        st.need(stage.built / f"{main}.class", *jars)
        path, port = stage.file(f"{name}.bin", SIZE), st.free_port()
        with stage.server(name, command(stage, main, jars, port, *arguments(stage, name, path)), port):
            fetch(port, path)

    return trace


def copies(stage):
    """A stream, and a channel around one, that sends little: what the JVM's probes tell is then of the stream."""
    st.need(stage.built / "JavaCopies.class")
    paths, port = [stage.file("java_stream.bin", 2 * SIZE), stage.file("java_wrapped.bin", SIZE // 32)], st.free_port()
    with stage.server("java_copies", command(stage, "JavaCopies", [], port, *paths), port):
        for path in paths:
            st.receive(port, path)


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
    "java_copies": copies,
}
SOURCES = {"TomcatServer": TOMCAT, "NettyServer": NETTY, "HttpsFileServer": [], "JavaCopies": []}
WHY = {
    "tomcat": {},
    "netty": {},
    "java_tls": {("java_tls.bin", "java"): ["read_for_tls"], ("java", "socket"): ["own_tls"]},
    # A socket's stream takes the bytes out of the array without the JVM's own functions for arrays.
    "java_copies": {("java_stream.bin", "java"): ["jvm_arrays_read"], ("java", "socket"): ["own_memory_written"],
                    ("java_stream.bin", "socket"): ["buffer_to_socket?"],  # of its first buffer
                    ("java_wrapped.bin", "socket"): ["buffer_to_socket"]},
}
STACKS = {
    "java_copies": {
        ("java_wrapped.bin", "socket"): ["Java_sun_nio_ch_FileDispatcherImpl_pread0 pread",
                                         "Java_sun_nio_ch_FileDispatcherImpl_write0 write"],
    },
}
