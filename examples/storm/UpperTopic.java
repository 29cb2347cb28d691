import java.util.concurrent.CountDownLatch;
import org.apache.storm.Config;
import org.apache.storm.LocalCluster;
import org.apache.storm.kafka.bolt.KafkaBolt;
import org.apache.storm.kafka.bolt.mapper.FieldNameBasedTupleToKafkaMapper;
import org.apache.storm.kafka.bolt.selector.DefaultTopicSelector;
import org.apache.storm.kafka.spout.FirstPollOffsetStrategy;
import org.apache.storm.kafka.spout.KafkaSpout;
import org.apache.storm.kafka.spout.KafkaSpoutConfig;
import org.apache.storm.topology.BasicOutputCollector;
import org.apache.storm.topology.OutputFieldsDeclarer;
import org.apache.storm.topology.TopologyBuilder;
import org.apache.storm.topology.base.BaseBasicBolt;
import org.apache.storm.tuple.Fields;
import org.apache.storm.tuple.Tuple;
import org.apache.storm.tuple.Values;

/**
 * Takes each record of a topic, makes its value upper case and sends it to another topic, at least once, until it is
 * stopped: Storm's KafkaSpout and KafkaBolt in a LocalCluster.
 *
 * <p>Arguments: bootstrap servers, the topic to read, the topic to write.
 */
public class UpperTopic {
  public static class Upper extends BaseBasicBolt {
    @Override
    public void execute(Tuple input, BasicOutputCollector collector) {
      String value = input.getStringByField("value");
      collector.emit(new Values(input.getValueByField("key"), value == null ? null : value.toUpperCase()));
    }

    @Override
    public void declareOutputFields(OutputFieldsDeclarer declarer) {
      declarer.declare(new Fields("key", "message"));
    }
  }

  public static void main(String[] args) throws Exception {
    String servers = args[0];
    KafkaSpoutConfig<String, String> spout =
        KafkaSpoutConfig.builder(servers, args[1])
            .setProp("group.id", "storm")
            .setFirstPollOffsetStrategy(FirstPollOffsetStrategy.EARLIEST)
            .build();
    java.util.Properties producer = new java.util.Properties();
    producer.put("bootstrap.servers", servers);
    producer.put("acks", "all");
    producer.put("key.serializer", "org.apache.kafka.common.serialization.StringSerializer");
    producer.put("value.serializer", "org.apache.kafka.common.serialization.StringSerializer");
    TopologyBuilder topology = new TopologyBuilder();
    topology.setSpout("records", new KafkaSpout<>(spout));
    topology.setBolt("upper", new Upper()).shuffleGrouping("records");
    topology
        .setBolt(
            "topic",
            new KafkaBolt<String, String>()
                .withProducerProperties(producer)
                .withTopicSelector(new DefaultTopicSelector(args[2]))
                .withTupleToKafkaMapper(new FieldNameBasedTupleToKafkaMapper<>("key", "message")))
        .shuffleGrouping("upper");
    Config config = new Config();
    config.setMessageTimeoutSecs(30);
    try (LocalCluster cluster = new LocalCluster();
        LocalCluster.LocalTopology running =
            cluster.submitTopology("upper-topic", config, topology.createTopology())) {
      System.out.println("running; Ctrl-C ends it");
      new CountDownLatch(1).await();
    }
  }
}
