import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.namesrv.NamesrvStartup;
import org.apache.rocketmq.remoting.RPCHook;
import org.apache.rocketmq.remoting.exception.RemotingException;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.RequestCode;

/**
 * The name server, a producer and a consumer, one process for all they are asked for: a command a line of its input, an
 * answer a line of its output, "ok ..." or what is wrong.
 *
 * <pre>
 * serve SETTINGS                   the name server, at the port that they say
 * fill TOPIC MESSAGES SIZE
 * read TOPIC MESSAGES SIZE         ok BYTES: of stored messages that answers brought, without their frames; its connection
 *                                  stays open, so that one can ask the kernel what it brought
 * follow TOPIC MESSAGES SIZE       the same, while another thread sends them
 * close                            the connections of all reads
 * </pre>
 */
class RocketmqClient {
    private static final long PATIENCE = TimeUnit.MINUTES.toMillis(5);
    private static final String NAMES = System.getProperty("names");
    private static final List<DefaultMQPullConsumer> readers = new ArrayList<>();

    public static void main(String[] unused) throws Exception {
        PrintStream answers = System.out;
        System.setOut(System.err); // the name server talks
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = commands.readLine()) != null; ) {
            String answer;
            try {
                answer = "ok " + obey(line.split(" "));
            } catch (Exception error) {
                answer = "failed: " + error;
            }
            answers.println(answer.replace('\n', ' '));
        }
        System.exit(0); // the name server's threads would go on
    }

    private static long obey(String[] words) throws Exception {
        switch (words[0]) {
            case "serve":
                if (NamesrvStartup.main0(new String[] {"-c", words[1]}) == null) throw new IllegalStateException("no name server");
                return 0;
            case "fill":
                return send(words[1], 0, Integer.parseInt(words[2]), Integer.parseInt(words[3]));
            case "read":
                return receive(words[1], Integer.parseInt(words[2]), Integer.parseInt(words[3]));
            case "follow":
                int messages = Integer.parseInt(words[2]), size = Integer.parseInt(words[3]);
                send(words[1], 0, 1, size); // so that the topic is there
                Thread sender = new Thread(() -> {
                    try {
                        send(words[1], 1, messages, size);
                    } catch (Exception error) {
                        error.printStackTrace(); // the reader misses them
                    }
                });
                sender.start();
                long bytes = receive(words[1], messages, size);
                sender.join();
                return bytes;
            case "close":
                readers.forEach(DefaultMQPullConsumer::shutdown);
                readers.clear();
                return 0;
            default:
                throw new IllegalArgumentException(words[0]);
        }
    }

    /** Those of numbers FROM to TO. One queue, so that there is one order. */
    private static long send(String topic, int from, int to, int size) throws Exception {
        DefaultMQProducer producer = new DefaultMQProducer("producers");
        producer.setNamesrvAddr(NAMES);
        producer.setDefaultTopicQueueNums(1);
        producer.setCompressMsgBodyOverHowmuch(Integer.MAX_VALUE); // from 4 KiB on otherwise
        producer.setSendMsgTimeout((int) PATIENCE);
        producer.setRetryTimesWhenSendFailed(0); // it may have been taken all the same, and would be there twice
        producer.start();
        try {
            long deadline = System.currentTimeMillis() + PATIENCE;
            for (int i = from; i < to; i++) {
                try {
                    if (producer.send(new Message(topic, message(i, size))).getSendStatus() != SendStatus.SEND_OK)
                        throw new IllegalStateException("message " + i + " was not taken");
                } catch (RemotingException | MQBrokerException | MQClientException error) { // a slow machine's connection, a busy broker
                    if (System.currentTimeMillis() > deadline) throw error;
                    Thread.sleep(1000);
                    if (taken(producer, topic) <= i) i--;
                }
            }
        } finally {
            producer.shutdown();
        }
        return (long) (to - from) * size;
    }

    /** How many messages a topic of one queue holds: none where it is not there yet. */
    private static long taken(DefaultMQProducer producer, String topic) throws Exception {
        try {
            return producer.maxOffset(producer.fetchPublishMessageQueues(topic).get(0));
        } catch (MQClientException none) {
            return 0;
        }
    }

    /** From the topic's begin; no message is missing or holds another byte. */
    private static long receive(String topic, int messages, int size) throws Exception {
        AtomicLong bytes = new AtomicLong();
        DefaultMQPullConsumer reader = new DefaultMQPullConsumer("readers", new RPCHook() {
            @Override
            public void doBeforeRequest(String address, RemotingCommand request) {}

            @Override
            public void doAfterResponse(String address, RemotingCommand request, RemotingCommand response) {
                boolean pulled = request.getCode() == RequestCode.PULL_MESSAGE || request.getCode() == RequestCode.LITE_PULL_MESSAGE;
                if (pulled && response.getBody() != null) bytes.addAndGet(response.getBody().length);
            }
        });
        readers.add(reader);
        reader.setNamesrvAddr(NAMES);
        reader.setHeartbeatBrokerInterval((int) PATIENCE); // nothing comes to the connection once the messages have
        reader.setConsumerPullTimeoutMillis(PATIENCE);
        reader.setConsumerTimeoutMillisWhenSuspend(PATIENCE);
        reader.start();
        MessageQueue queue = reader.fetchSubscribeMessageQueues(topic).iterator().next();
        long deadline = System.currentTimeMillis() + PATIENCE;
        long offset = 0;
        for (int next = 0; next < messages; ) {
            if (System.currentTimeMillis() > deadline) throw new IllegalStateException("only " + next + " messages came");
            PullResult result;
            try {
                result = reader.pullBlockIfNotFound(queue, "*", offset, 32);
            } catch (RemotingException error) { // a slow machine's connection
                continue;
            }
            if (result.getMsgFoundList() == null) continue;
            for (MessageExt each : result.getMsgFoundList()) {
                if (each.getQueueOffset() != offset++) throw new IllegalStateException("one before message " + next + " is missing");
                if (Arrays.equals(each.getBody(), message(next, size))) next++;
                else if (next == 0 || !Arrays.equals(each.getBody(), message(next - 1, size))) // sent again, for the answer was late
                    throw new IllegalStateException("message " + next + " is another");
            }
            deadline = System.currentTimeMillis() + PATIENCE; // a slow machine's messages come slowly
        }
        return bytes.get();
    }

    private static byte[] message(int number, int size) {
        byte[] bytes = new byte[size];
        SplittableRandom noise = new SplittableRandom(number);
        for (ByteBuffer words = ByteBuffer.wrap(bytes); words.remaining() >= 8; ) words.putLong(noise.nextLong());
        return bytes;
    }
}
