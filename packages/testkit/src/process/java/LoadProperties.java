import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Properties;
import java.util.TreeMap;

/** Reads texts, one a line as hexadecimal UTF-16, and prints what java.util.Properties loads: key=value in hexadecimal. */
public class LoadProperties {
  public static void main(String[] args) throws Exception {
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    var out = new StringBuilder();
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      var properties = new Properties();
      try {
        properties.load(new StringReader(text(line)));
        var sorted = new TreeMap<String, String>();
        properties.forEach((key, value) -> sorted.put(hex((String) key), hex((String) value)));
        sorted.forEach((key, value) -> out.append(key).append('=').append(value).append(' '));
      } catch (IllegalArgumentException e) {
        out.append("malformed");
      }
      out.append('\n');
    }
    System.out.print(out);
  }

  private static String text(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    return new String(bytes, StandardCharsets.UTF_16BE);
  }

  private static String hex(String text) {
    return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_16BE));
  }
}
