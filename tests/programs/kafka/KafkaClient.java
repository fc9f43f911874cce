import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A producer and a consumer, one process for all they are asked for: a command a line of its input, an answer a line of
 * its output, "ok ..." or what is wrong. PROPERTIES is a file of client settings, or - for none.
 *
 * <pre>
 * fill BROKER PROPERTIES TOPIC MESSAGES SIZE COMPRESSION SEGMENT  a new topic, of segments of that many bytes
 * read BROKER PROPERTIES TOPIC MESSAGES SIZE    from its begin, every byte compared
 * follow BROKER PROPERTIES TOPIC MESSAGES SIZE  a new topic, read while it is filled
 * </pre>
 *
 * After "ok" come the bytes that all connections of the command received.
 */
class KafkaClient {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final List<Metric> received = new CopyOnWriteArrayList<>();

    public static void main(String[] unused) throws Exception {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = commands.readLine()) != null; ) {
            String answer;
            try {
                answer = "ok " + obey(line.split(" "));
            } catch (Exception error) {
                answer = "failed: " + error;
            }
            System.out.println(answer.replace('\n', ' '));
        }
    }

    private static long obey(String[] words) throws Exception {
        received.clear();
        Properties settings = new Properties();
        if (!words[2].equals("-")) {
            try (var file = new java.io.FileInputStream(words[2])) {
                settings.load(file);
            }
        }
        settings.put("bootstrap.servers", words[1]);
        int messages = Integer.parseInt(words[4]), size = Integer.parseInt(words[5]);
        switch (words[0]) {
            case "fill":
                create(settings, words[3], words[7]);
                send(settings, words[3], messages, size, words[6]);
                break;
            case "read":
                receive(settings, words[3], messages, size);
                break;
            case "follow":
                create(settings, words[3], String.valueOf(1 << 30));
                Thread sender = new Thread(() -> send(settings, words[3], messages, size, "none"));
                sender.start();
                receive(settings, words[3], messages, size);
                sender.join();
                break;
            default:
                throw new IllegalArgumentException(words[0]);
        }
        return received.stream().mapToLong(metric -> ((Double) metric.metricValue()).longValue()).sum();
    }

    /** Which counts on while the client is being closed. */
    private static void count(Map<MetricName, ? extends Metric> metrics) {
        int before = received.size();
        metrics.forEach((name, metric) -> {
            if (name.name().equals("incoming-byte-total") && !name.group().contains("node")) received.add(metric);
        });
        if (received.size() != before + 1) throw new IllegalStateException("the client does not say what it receives");
    }

    private static void create(Properties settings, String topic, String segment) throws Exception {
        try (Admin admin = Admin.create(settings)) {
            count(admin.metrics());
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1).configs(Map.of("segment.bytes", segment)))).all().get();
        }
    }

    private static void send(Properties given, String topic, int messages, int size, String compression) {
        Properties settings = new Properties();
        settings.putAll(given);
        settings.put("compression.type", compression);
        settings.put("max.request.size", String.valueOf(4 << 20));
        try (var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            count(producer.metrics());
            for (int i = 0; i < messages; i++) producer.send(new ProducerRecord<>(topic, message(i, size)));
        }
    }

    /** No message is missing, comes twice, or holds another byte. */
    private static void receive(Properties settings, String topic, int messages, int size) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            count(consumer.metrics());
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            for (int next = 0; next < messages; ) {
                if (System.nanoTime() > deadline) throw new IllegalStateException("only " + next + " messages came");
                ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofSeconds(1));
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    if (record.offset() != next || !java.util.Arrays.equals(record.value(), message(next, size)))
                        throw new IllegalStateException("message " + next + " is another");
                    next++;
                }
            }
        }
    }

    /** Half of it is noise, so that a compressor has something to do and does not do it all. */
    private static byte[] message(int number, int size) {
        byte[] bytes = new byte[size];
        SplittableRandom noise = new SplittableRandom(number);
        ByteBuffer words = ByteBuffer.wrap(bytes);
        while (words.remaining() >= 16) words.putLong(noise.nextLong()).putLong(number);
        return bytes;
    }
}
