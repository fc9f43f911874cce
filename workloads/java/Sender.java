import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Constructor;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;

/**
 * The transfer methods of Java, as its textbooks write them. Alone:
 *
 *     java Sender.java transferTo FILE 4194304 65536 127.0.0.1:4000
 *
 * Sizes in bytes. A target with a slash is a file or a pipe. A sixth argument is the number of a descriptor, the gate, at
 * which the transfer waits; java then needs --add-opens java.base/java.io=ALL-UNNAMED.
 */
class Sender {
    /** Moves the bytes, once. All that the method costs happens in here. */
    interface Method {
        void transfer(FileInputStream source, long size, int chunk, Target target) throws IOException;
    }

    /** The same target twice: methods of streams take the one, methods of channels the other. */
    static class Target {
        final OutputStream stream;
        final WritableByteChannel channel;

        Target(OutputStream stream, WritableByteChannel channel) {
            this.stream = stream;
            this.channel = channel;
        }
    }

    static void transferTo(FileInputStream source, long size, int chunk, Target target) throws IOException {
        FileChannel file = source.getChannel();
        for (long done = 0; done < size;) {
            long sent = file.transferTo(done, Math.min(chunk, size - done), target.channel);
            if (sent == 0) throw new IOException("nothing was transferred");
            done += sent;
        }
    }

    static void mapped(FileInputStream source, long size, int chunk, Target target) throws IOException {
        final long most = 1 << 30; // one mapping cannot hold 2 GiB
        for (long done = 0; done < size;) {
            long here = Math.min(most, size - done);
            ByteBuffer file = source.getChannel().map(FileChannel.MapMode.READ_ONLY, done, here);
            for (int at = 0; at < here;) {
                at += Math.min(chunk, here - at);
                file.limit(at);
                while (file.hasRemaining()) target.channel.write(file);
            }
            done += here;
        }
    }

    static void stream(FileInputStream source, long size, int chunk, Target target) throws IOException {
        InputStream file = source;
        byte[] buffer = new byte[(int) Math.min(chunk, size)];
        for (long done = 0; done < size;) {
            int got = file.read(buffer, 0, (int) Math.min(buffer.length, size - done));
            if (got < 0) throw new IOException("the file has ended");
            target.stream.write(buffer, 0, got);
            done += got;
        }
    }

    static Method method(String name) {
        switch (name) {
            case "transferTo": return Sender::transferTo;
            case "mapped": return Sender::mapped;
            case "stream": return Sender::stream;
            default: throw new IllegalArgumentException("there is no method '" + name + "'");
        }
    }

    /** Loads what the method needs, with some bytes of another file: that is the machine's work, not the method's. */
    static void rehearse(Method method) throws IOException {
        Pipe pipe = Pipe.open();
        try (FileInputStream other = new FileInputStream("/proc/self/exe");
                OutputStream nowhere = new FileOutputStream("/dev/null");
                Pipe.SinkChannel sink = pipe.sink();
                Pipe.SourceChannel rest = pipe.source()) {
            method.transfer(other, 4096, 2048, new Target(nowhere, sink));
        }
    }

    /** One letter each: R ready, T transferred, Q nothing is on the way any more; one byte in releases the transfer. */
    static class Gate {
        private final FileInputStream in;
        private final FileOutputStream out;

        Gate(int number) throws ReflectiveOperationException {
            Constructor<FileDescriptor> make =
                    FileDescriptor.class.getDeclaredConstructor(int.class); // an inherited one has no name to open
            make.setAccessible(true);
            in = new FileInputStream(make.newInstance(number));
            out = new FileOutputStream(make.newInstance(number));
        }

        void tell(char letter) throws IOException {
            out.write(letter);
        }

        void await() throws IOException {
            if (in.read() < 0) throw new IOException("the gate was closed before the transfer was released");
        }
    }

    static void send(String[] args) throws IOException, ReflectiveOperationException {
        Method method = method(args[0]);
        long size = Long.parseLong(args[2]);
        int chunk = (int) Math.min(Long.parseLong(args[3]), 1 << 30);
        Gate gate = args.length > 5 ? new Gate(Integer.parseInt(args[5])) : null;
        rehearse(method);

        boolean isPath = args[4].contains("/");
        int colon = args[4].lastIndexOf(':');
        SocketChannel socket = isPath ? null
                : SocketChannel.open(new InetSocketAddress(args[4].substring(0, colon),
                                                           Integer.parseInt(args[4].substring(colon + 1))));
        FileOutputStream file = isPath ? new FileOutputStream(args[4]) : null;
        try (FileInputStream source = new FileInputStream(args[1])) {
            Target target = isPath ? new Target(file, file.getChannel())
                                   : new Target(socket.socket().getOutputStream(), socket);
            source.getChannel();
            if (gate != null) {
                gate.tell('R');
                gate.await();
            }
            try {
                method.transfer(source, size, chunk, target);
            } catch (IOException | InternalError error) { // the latter where a mapping's file has shrunk
                long now = source.getChannel().size();
                if (now >= size) throw error;
                throw new IOException("the source shrank on the way to " + now + " of " + size + " bytes");
            }
            if (gate != null) gate.tell('T');
        }
        if (socket != null) { // the sink closes when it has read all
            socket.shutdownOutput();
            socket.read(ByteBuffer.allocateDirect(1));
        }
        if (gate != null) gate.tell('Q');
    }

    public static void main(String[] args) {
        try {
            if (args.length < 5) throw new IllegalArgumentException("METHOD FILE SIZE CHUNK TARGET [GATE]");
            send(args);
        } catch (Exception | Error error) {
            String what = error.getMessage();
            System.err.println("zctrace-workload: " + (what == null ? error : what));
            System.exit(1);
        }
    }
}
