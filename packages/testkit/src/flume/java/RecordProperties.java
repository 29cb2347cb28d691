import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flume.Channel;
import org.apache.flume.ChannelSelector;
import org.apache.flume.Context;
import org.apache.flume.Sink;
import org.apache.flume.SinkProcessor;
import org.apache.flume.conf.BatchSizeSupported;
import org.apache.flume.conf.Configurable;
import org.apache.flume.sink.NullSink;

/**
 * Which properties Flume's classes ask for, and with which defaults: each class is configured from a context that notes
 * what is asked. A line in: the class, then KEY, VALUE, KEY, VALUE …, separated by tabs. Lines out: the class, the
 * call's name, the key, the default that the call gives, where it gives one.
 */
public class RecordProperties {
  static class Asked extends Context {
    private final String name;

    Asked(String name) {
      this.name = name;
    }

    private void note(String call, String key, Object... given) {
      StringBuilder line = new StringBuilder(name).append('\t').append(call).append('\t').append(key);
      if (given.length > 0 && given[0] != null) line.append('\t').append(given[0]);
      System.out.println(line);
    }

    @Override public Boolean getBoolean(String key, Boolean given) { note("boolean", key, given); return super.getBoolean(key, given); }
    @Override public Boolean getBoolean(String key) { note("boolean", key); return super.getBoolean(key); }
    @Override public Integer getInteger(String key, Integer given) { note("int", key, given); return super.getInteger(key, given); }
    @Override public Integer getInteger(String key) { note("int", key); return super.getInteger(key); }
    @Override public Long getLong(String key, Long given) { note("long", key, given); return super.getLong(key, given); }
    @Override public Long getLong(String key) { note("long", key); return super.getLong(key); }
    @Override public String getString(String key, String given) { note("text", key, given); return super.getString(key, given); }
    @Override public String getString(String key) { note("text", key); return super.getString(key); }
    @Override public boolean containsKey(String key) { note("any", key); return super.containsKey(key); }
    @Override public Map<String, String> getSubProperties(String prefix) {
      note("below", prefix + "*");
      return super.getSubProperties(prefix);
    }
  }

  public static void main(String[] args) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split("\t", -1);
      Asked context = new Asked(words[0]);
      for (int i = 1; i + 1 < words.length; i += 2) context.put(words[i], words[i + 1]);
      try {
        configure(Class.forName(words[0]), context);
      } catch (ClassNotFoundException absent) {
        System.out.println(words[0] + "\tabsent\t");
      } catch (Throwable fault) {
        // What was asked before it counts; a missing cluster or file is no matter here.
        System.err.println(words[0] + ": " + fault + (fault.getCause() == null ? "" : ", " + fault.getCause()));
      }
    }
    System.out.flush();
    System.exit(0);
  }

  /** The others are made by their builders. */
  private static boolean hasPlainConstructor(Class<?> type) {
    for (Constructor<?> make : type.getDeclaredConstructors()) if (make.getParameterCount() == 0) return true;
    return false;
  }

  private static void configure(Class<?> type, Context context) throws Exception {
    if (Configurable.class.isAssignableFrom(type) && hasPlainConstructor(type)) {
      Constructor<?> make = type.getDeclaredConstructor();
      make.setAccessible(true);
      Object made = make.newInstance();
      if (made instanceof ChannelSelector) ((ChannelSelector) made).setChannels(new ArrayList<Channel>());
      if (made instanceof SinkProcessor) {
        List<Sink> sinks = new ArrayList<>();
        for (String name : new String[] {"k1", "k2"}) {
          NullSink sink = new NullSink();
          sink.setName(name);
          sinks.add(sink);
        }
        ((SinkProcessor) made).setSinks(sinks);
      }
      ((Configurable) made).configure(context);
      if (made instanceof BatchSizeSupported) System.out.println(type.getName() + "\tbatch\t" + ((BatchSizeSupported) made).getBatchSize());
      return;
    }
    Class<?> builder = Class.forName(type.getName().endsWith("$Builder") ? type.getName() : type.getName() + "$Builder");
    Constructor<?> make = builder.getDeclaredConstructor();
    make.setAccessible(true);
    Object made = make.newInstance();
    for (Method method : builder.getMethods()) {
      if (!method.getName().equals("build") || method.isBridge()) continue;
      Class<?>[] takes = method.getParameterTypes();
      Object[] given = new Object[takes.length];
      for (int i = 0; i < takes.length; i++) {
        if (takes[i] == Context.class) given[i] = context;
        else if (takes[i] == OutputStream.class) given[i] = new ByteArrayOutputStream();
      }
      method.setAccessible(true);
      method.invoke(made, given);
    }
  }
}
