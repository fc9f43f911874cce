"""Servers in Java: Tomcat's default servlet, Netty's DefaultFileRegion. Compiled beforehand."""

import shutil

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


PROGRAMS = {
    "tomcat": serve("tomcat", "TomcatServer", TOMCAT, st.fetch,
                    lambda stage, name, path: [stage.scratch(name), stage.files]),
    "netty": serve("netty", "NettyServer", NETTY, st.receive, lambda stage, name, path: [path]),
}
SOURCES = {"TomcatServer": TOMCAT, "NettyServer": NETTY}
