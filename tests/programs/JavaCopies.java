import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/** PORT PORT FILE FILE FILE COPY: copies the first file by streams, sends the second by streams to the first port's client,
 * and the third by transferTo into a channel that wraps the second's. */
public class JavaCopies {
  static void pass(InputStream from, OutputStream to) throws Exception {
    byte[] array = new byte[1 << 16];
    for (int got; (got = from.read(array)) > 0;) to.write(array, 0, got);
  }

  public static void main(String[] args) throws Exception {
    InetAddress here = InetAddress.getByName("127.0.0.1");
    try (ServerSocket streams = new ServerSocket(Integer.parseInt(args[0]), 1, here);
         ServerSocket channels = new ServerSocket(Integer.parseInt(args[1]), 1, here)) {
      try (FileInputStream file = new FileInputStream(args[2]); FileOutputStream copy = new FileOutputStream(args[5])) {
        pass(file, copy);
      }
      try (Socket client = streams.accept(); FileInputStream file = new FileInputStream(args[3])) {
        pass(file, client.getOutputStream());
      }
      try (Socket client = channels.accept(); FileChannel file = FileChannel.open(Path.of(args[4]));
           WritableByteChannel to = Channels.newChannel(client.getOutputStream())) {
        for (long done = 0; done < file.size();) done += file.transferTo(done, file.size() - done, to);
      }
    }
    Thread.sleep(Long.MAX_VALUE);
  }
}
