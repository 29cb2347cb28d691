import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flume.Context;
import org.apache.flume.Event;
import org.apache.flume.event.EventBuilder;
import org.apache.flume.interceptor.Interceptor;
import org.apache.flume.interceptor.InterceptorBuilderFactory;

/**
 * Runs Flume's interceptors. Lines on standard input, all text as hexadecimal UTF-8, fields between tabs: "I", its type,
 * then its properties as key=value; "E", a body, then headers as key=value, for the interceptor before it. A line of
 * output for each: what the interceptor's build threw, if it did; of an event its body and headers, "dropped", or what
 * was thrown.
 */
public class InterceptEvents {
  public static void main(String[] args) throws Exception {
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    var out = new StringBuilder();
    Interceptor interceptor = null;
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] fields = line.split("\t", -1);
      try {
        if (fields[0].equals("I")) {
          interceptor = null;
          Interceptor.Builder builder = InterceptorBuilderFactory.newInstance(text(fields[1]));
          builder.configure(new Context(pairs(fields)));
          interceptor = builder.build();
          interceptor.initialize();
        } else if (interceptor != null) {
          Event event = EventBuilder.withBody(HexFormat.of().parseHex(fields[1]), pairs(fields));
          Event left = interceptor.intercept(event);
          if (left == null) {
            out.append("dropped");
          } else {
            out.append(HexFormat.of().formatHex(left.getBody()));
            new TreeMap<>(left.getHeaders()).forEach((key, value) ->
                out.append('\t').append(hex(key)).append('=').append(value == null ? "null" : hex(value)));
          }
        }
      } catch (Exception e) {
        out.append("threw ").append(String.valueOf(e).replaceAll("\\s+", " "));
      }
      out.append('\n');
    }
    System.out.print(out);
  }

  private static Map<String, String> pairs(String[] fields) {
    var map = new HashMap<String, String>();
    for (int i = 2; i < fields.length; i++) {
      String[] pair = fields[i].split("=", -1);
      map.put(text(pair[0]), text(pair[1]));
    }
    return map;
  }

  private static String text(String hex) {
    return new String(HexFormat.of().parseHex(hex), StandardCharsets.UTF_8);
  }

  private static String hex(String text) {
    return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
  }
}
