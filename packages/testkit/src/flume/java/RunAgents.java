import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.flume.node.Application;
import org.apache.flume.node.FileConfigurationSource;
import org.apache.flume.node.MaterializedConfiguration;
import org.apache.flume.node.UriConfigurationProvider;

/**
 * Many agents of Flume in one JVM, each with a configuration file of its own, made and run as Flume's own Application
 * does. Commands on standard input, fields separated by tabs; an answer for each, a line that begins with "@@" and its id:
 *
 * build ID FILE: what Flume would run of agent a1, and nothing is started. start ID FILE: the same, and it runs.
 * counters ID PREFIX: the counters of components whose names begin so. stop ID.
 */
public class RunAgents {
  private static final Map<String, Application> running = new ConcurrentHashMap<>();
  private static PrintStream out;

  public static void main(String[] args) throws Exception {
    out = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), true, "UTF-8");
    System.setOut(System.err);
    ExecutorService pool = Executors.newCachedThreadPool();
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    answer("ready", "{}");
    for (String line; (line = in.readLine()) != null; ) {
      String[] fields = line.split("\t", -1);
      pool.execute(() -> serve(fields));
    }
    Runtime.getRuntime().halt(0);
  }

  private static void serve(String[] fields) {
    String id = fields[1];
    try {
      switch (fields[0]) {
        case "build" -> answer(id, kept(load(fields[2])));
        case "start" -> {
          MaterializedConfiguration configuration = load(fields[2]);
          String kept = kept(configuration);
          Application application = new Application();
          application.handleConfigurationEvent(configuration);
          application.start();
          running.put(id, application);
          answer(id, kept);
        }
        case "counters" -> answer(id, counters(fields[2]));
        case "stop" -> {
          Application application = running.remove(id);
          if (application != null) application.stop();
          answer(id, "{}");
        }
        default -> throw new IllegalArgumentException(fields[0]);
      }
    } catch (Throwable thrown) {
      answer(id, "{\"fatal\":" + text(String.valueOf(thrown)) + "}");
    }
  }

  private static MaterializedConfiguration load(String file) {
    FileConfigurationSource source = new FileConfigurationSource(new File(file).toURI());
    return new UriConfigurationProvider("a1", List.of(source), null, null, 30).getConfiguration();
  }

  private static String kept(MaterializedConfiguration configuration) {
    return "{\"sources\":" + names(configuration.getSourceRunners().keySet())
        + ",\"channels\":" + names(configuration.getChannels().keySet())
        + ",\"runners\":" + names(configuration.getSinkRunners().keySet()) + "}";
  }

  private static String names(Collection<String> names) {
    StringBuilder json = new StringBuilder("[");
    for (String name : new TreeSet<>(names)) json.append(json.length() == 1 ? "" : ",").append(text(name));
    return json.append("]").toString();
  }

  private static String counters(String prefix) throws Exception {
    MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
    StringBuilder json = new StringBuilder("{");
    for (ObjectName name : beans.queryNames(new ObjectName("org.apache.flume.*:type=" + prefix + "*"), null)) {
      String kind = name.getDomain().substring("org.apache.flume.".length());
      json.append(json.length() == 1 ? "" : ",").append(text(kind + " " + name.getKeyProperty("type"))).append(":{");
      boolean first = true;
      for (MBeanAttributeInfo attribute : beans.getMBeanInfo(name).getAttributes()) {
        json.append(first ? "" : ",").append(text(attribute.getName())).append(":")
            .append(text(String.valueOf(beans.getAttribute(name, attribute.getName()))));
        first = false;
      }
      json.append("}");
    }
    return json.append("}").toString();
  }

  private static synchronized void answer(String id, String json) {
    out.println("@@" + id + "\t" + json);
  }

  private static String text(String value) {
    StringBuilder json = new StringBuilder("\"");
    for (char c : value.toCharArray()) {
      if (c == '"' || c == '\\') json.append('\\').append(c);
      else if (c < ' ') json.append(String.format("\\u%04x", (int) c));
      else json.append(c);
    }
    return json.append('"').toString();
  }
}
