import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.FileInputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** PORT FOLDER KEYS: serves the folder's files with the JDK's own HTTPS server; the key store's password is "password". */
public class HttpsFileServer {
  public static void main(String[] args) throws Exception {
    char[] password = "password".toCharArray();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (FileInputStream stream = new FileInputStream(args[2])) {
      keys.load(stream, password);
    }
    KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, password);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    HttpsServer server = HttpsServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0])), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    server.createContext("/", exchange -> {
      Path file = Path.of(args[1], exchange.getRequestURI().getPath());
      exchange.sendResponseHeaders(200, Files.size(file));
      try (var body = exchange.getResponseBody()) {
        Files.copy(file, body);
      }
    });
    server.start();
  }
}
