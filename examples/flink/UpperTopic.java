import java.util.Properties;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Takes what a topic has now, makes each value upper case, sends it to another topic, at least once, and ends: Flink's
 * KafkaSource and KafkaSink in a local cluster.
 *
 * <p>Arguments: bootstrap servers, the topic to read, the topic to write.
 */
public class UpperTopic {
  public static void main(String[] args) throws Exception {
    Properties producer = new Properties();
    producer.put("acks", "all");
    KafkaSource<String> from =
        KafkaSource.<String>builder()
            .setBootstrapServers(args[0])
            .setTopics(args[1])
            .setGroupId("flink")
            .setStartingOffsets(OffsetsInitializer.earliest())
            .setBounded(OffsetsInitializer.latest())
            .setValueOnlyDeserializer(new SimpleStringSchema())
            .build();
    KafkaSink<String> to =
        KafkaSink.<String>builder()
            .setBootstrapServers(args[0])
            .setKafkaProducerConfig(producer)
            .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
            .setRecordSerializer(
                KafkaRecordSerializationSchema.builder()
                    .setTopic(args[2])
                    .setValueSerializationSchema(new SimpleStringSchema())
                    .build())
            .build();
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
    environment.setParallelism(1);
    environment
        .fromSource(from, WatermarkStrategy.noWatermarks(), args[1])
        .map(String::toUpperCase)
        .sinkTo(to);
    environment.execute("upper-topic");
  }
}
