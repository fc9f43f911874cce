import java.io.FileInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/** PORT FILE FILE: sends the first file to the first client by streams, the second to the second client by transferTo into
 * a channel that wraps a stream. */
class JavaCopies {
    public static void main(String[] args) throws Exception {
        try (ServerSocket server = new ServerSocket(Integer.parseInt(args[0]), 2, InetAddress.getByName("127.0.0.1"))) {
            try (Socket client = server.accept(); InputStream file = new FileInputStream(args[1])) {
                byte[] array = new byte[1 << 16];
                OutputStream to = client.getOutputStream();
                for (int got; (got = file.read(array)) > 0;) to.write(array, 0, got);
            }
            try (Socket client = server.accept();
                    FileChannel file = FileChannel.open(Path.of(args[2]));
                    WritableByteChannel to = Channels.newChannel(client.getOutputStream())) {
                for (long done = 0; done < file.size();) done += file.transferTo(done, file.size() - done, to);
            }
        }
        Thread.sleep(Long.MAX_VALUE);
    }
}
