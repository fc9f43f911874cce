import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.apache.pulsar.client.admin.PulsarAdmin;
import org.apache.pulsar.client.api.Message;
import org.apache.pulsar.client.api.MessageId;
import org.apache.pulsar.client.api.Producer;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.Reader;
import org.apache.pulsar.client.api.SizeUnit;
import org.apache.pulsar.packages.management.core.common.PackageMetadata;

/**
 * A producer, a reader and an administrator, one process for all they are asked for: a command a line of its input, an
 * answer a line of its output, "ok" or what is wrong. BROKER is pulsar://..., WEB is http://...
 *
 * <pre>
 * fill BROKER TOPIC MESSAGES SIZE
 * read BROKER TOPIC MESSAGES SIZE      its connection stays open, so that one can ask the kernel what it brought
 * follow BROKER TOPIC MESSAGES SIZE    the same, while another thread sends them
 * upload WEB PACKAGE FILE
 * download WEB PACKAGE FILE            its connection stays open, too
 * close                                what reads and downloads left open
 * </pre>
 */
class PulsarUser {
    private static final int PATIENCE = 300; // seconds
    private static final List<AutoCloseable> open = new ArrayList<>();

    public static void main(String[] unused) throws Exception {
        PrintStream answers = System.out;
        System.setOut(System.err); // for whoever else talks
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = commands.readLine()) != null; ) {
            String answer = "ok";
            try {
                obey(line.split(" "));
            } catch (Exception error) {
                answer = "failed: " + error;
            }
            answers.println(answer.replace('\n', ' '));
        }
        System.exit(0); // threads of the clients' libraries would go on
    }

    private static void obey(String[] words) throws Exception {
        switch (words[0]) {
            case "fill":
                send(words[1], words[2], Integer.parseInt(words[3]), Integer.parseInt(words[4]));
                return;
            case "read":
                receive(reader(words[1], words[2]), Integer.parseInt(words[3]), Integer.parseInt(words[4]));
                return;
            case "follow":
                int messages = Integer.parseInt(words[3]), size = Integer.parseInt(words[4]);
                Reader<byte[]> reader = reader(words[1], words[2]); // there before the first message is
                Thread sender = new Thread(() -> {
                    try {
                        send(words[1], words[2], messages, size);
                    } catch (Exception error) {
                        error.printStackTrace(); // the reader misses them
                    }
                });
                sender.start();
                receive(reader, messages, size);
                sender.join();
                return;
            case "upload":
                admin(words[1]).packages().upload(PackageMetadata.builder().description("test").build(), words[2], words[3]);
                return;
            case "download":
                Files.deleteIfExists(Path.of(words[3]));
                admin(words[1]).packages().download(words[2], words[3]);
                return;
            case "close":
                for (AutoCloseable each : open) each.close();
                open.clear();
                return;
            default:
                throw new IllegalArgumentException(words[0]);
        }
    }

    private static PulsarClient client(String broker) throws Exception {
        return PulsarClient.builder().serviceUrl(broker).memoryLimit(16, SizeUnit.MEGA_BYTES)
            .operationTimeout(PATIENCE, TimeUnit.SECONDS).connectionTimeout(PATIENCE, TimeUnit.SECONDS)
            .keepAliveInterval(PATIENCE, TimeUnit.SECONDS).build();
    }

    private static PulsarAdmin admin(String web) throws Exception {
        PulsarAdmin admin = PulsarAdmin.builder().serviceHttpUrl(web).readTimeout(PATIENCE, TimeUnit.SECONDS)
            .requestTimeout(PATIENCE, TimeUnit.SECONDS).build();
        open.add(admin);
        return admin;
    }

    /** As a producer does by default: in batches. */
    private static void send(String broker, String topic, int messages, int size) throws Exception {
        try (PulsarClient client = client(broker);
             Producer<byte[]> producer = client.newProducer().topic(topic).sendTimeout(PATIENCE, TimeUnit.SECONDS)
                 .blockIfQueueFull(true).create()) {
            for (int i = 0; i < messages; i++) producer.sendAsync(message(i, size));
            producer.flush();
        }
    }

    private static Reader<byte[]> reader(String broker, String topic) throws Exception {
        PulsarClient client = client(broker);
        open.add(client);
        return client.newReader().topic(topic).startMessageId(MessageId.earliest).create();
    }

    /** From the topic's begin; no message is missing, comes twice, or holds another byte. */
    private static void receive(Reader<byte[]> reader, int messages, int size) throws Exception {
        for (int i = 0; i < messages; i++) {
            Message<byte[]> message = reader.readNext(PATIENCE, TimeUnit.SECONDS);
            if (message == null) throw new IllegalStateException("only " + i + " messages came");
            if (message.getSequenceId() != i || !Arrays.equals(message.getData(), message(i, size)))
                throw new IllegalStateException("message " + i + " is another");
        }
    }

    private static byte[] message(int number, int size) {
        byte[] bytes = new byte[size];
        SplittableRandom noise = new SplittableRandom(number);
        for (ByteBuffer words = ByteBuffer.wrap(bytes); words.remaining() >= 8; ) words.putLong(noise.nextLong());
        return bytes;
    }
}
