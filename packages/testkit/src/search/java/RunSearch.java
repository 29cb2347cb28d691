import java.util.List;
import java.util.Map;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.transport.Netty4Plugin;

/** Of both: their classes differ in the name of the package. One node on loopback, with its HTTP: arguments are its folder and the port. Says `started`. */
public class RunSearch {
  private static class Embedded extends Node {
    Embedded(Environment environment) {
      super(environment, List.of(Netty4Plugin.class), false);
    }
  }

  public static void main(String[] args) throws Exception {
    Settings settings = Settings.builder()
        .put("path.home", args[0])
        .put("http.port", args[1])
        .put("transport.port", "0")
        .put("network.host", "127.0.0.1")
        .put("http.type", "netty4")
        .put("transport.type", "netty4")
        .put("discovery.type", "single-node")
        .put("node.name", "n1")
        .put("http.max_content_length", "1mb")
        .put("cluster.routing.allocation.disk.threshold_enabled", false)
        .build();
    Environment environment = InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), null, () -> "n1");
    new Embedded(environment).start();
    System.out.println("started");
    Thread.sleep(Long.MAX_VALUE);
  }
}
