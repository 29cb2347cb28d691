import java.io.BufferedReader;
import java.io.File;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.flume.Context;
import org.apache.flume.Event;
import org.apache.flume.event.EventBuilder;
import org.apache.flume.serialization.EventSerializer;
import org.apache.flume.serialization.EventSerializerFactory;

/**
 * Runs Flume's event serializers, and reads Avro's container files. Lines on standard input, fields between tabs, text as
 * hexadecimal UTF-8: "S", a file, the serializer's type, then its properties as key=value: begins the file; "E", a body,
 * then headers: an event; "F": a flush; "C": the file's end; "R", a file: reads it. A line of output for each S, C and R:
 * what was thrown, or "ok"; of R the data, each as Avro's JSON in hexadecimal, between tabs.
 */
public class SerializeEvents {
  public static void main(String[] args) throws Exception {
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    EventSerializer serializer = null;
    OutputStream file = null;
    String fault = null;
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] fields = line.split("\t", -1);
      String answer = null;
      try {
        switch (fields[0]) {
          case "S" -> {
            fault = null;
            answer = "ok";
            file = new FileOutputStream(text(fields[1]));
            serializer = null;
            serializer = EventSerializerFactory.getInstance(text(fields[2]), new Context(pairs(fields, 3)), file);
            serializer.afterCreate();
          }
          case "E" -> {
            // Headers that are given with the body are copied into a smaller map, which has another order.
            Event event = EventBuilder.withBody(HexFormat.of().parseHex(fields[1]));
            event.setHeaders(pairs(fields, 2));
            serializer.write(event);
          }
          case "F" -> serializer.flush();
          case "C" -> {
            serializer.flush();
            serializer.beforeClose();
            file.close();
            answer = fault == null ? "ok" : fault;
          }
          default -> answer = read(text(fields[1]));
        }
      } catch (Throwable thrown) {
        fault = thrown.toString().replaceAll("[\\t\\r\\n]", " ");
        if (!fields[0].equals("E") && !fields[0].equals("F")) answer = fault;
      }
      if (answer != null) System.out.println(answer);
    }
  }

  private static String read(String path) throws Exception {
    var data = new StringBuilder("ok");
    try (var reader = new DataFileReader<Object>(new File(path), new GenericDatumReader<>())) {
      for (Object datum : reader) {
        data.append('\t').append(HexFormat.of().formatHex(datum.toString().getBytes(StandardCharsets.UTF_8)));
      }
    }
    return data.toString();
  }

  private static Map<String, String> pairs(String[] fields, int from) {
    var map = new HashMap<String, String>();
    for (int i = from; i < fields.length; i++) {
      int at = fields[i].indexOf('=');
      map.put(text(fields[i].substring(0, at)), text(fields[i].substring(at + 1)));
    }
    return map;
  }

  private static String text(String hex) {
    return new String(HexFormat.of().parseHex(hex), StandardCharsets.UTF_8);
  }
}
