import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.util.Arrays;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Hadoop's own client alone, as fast as it goes: files of so many bytes, 64 KiB a write, each closed before the next
 * begins. Arguments: hdfs://HOST:PORT, a folder, how many files, bytes of each. One more file, in front, warms it up.
 * Prints one line of JSON: seconds and CPU seconds from the first file's begin to the last one's end.
 */
public class WriteFiles {
  public static void main(String[] args) throws Exception {
    FileSystem files = FileSystem.get(new URI(args[0]), new Configuration());
    int count = Integer.parseInt(args[2]);
    long bytes = Long.parseLong(args[3]);
    byte[] piece = new byte[64 * 1024];
    Arrays.fill(piece, (byte) 'x');
    write(files, new Path(args[1], "warm-up"), piece, bytes);
    OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long began = System.nanoTime();
    long cpu = system.getProcessCpuTime();
    for (int n = 0; n < count; n++) write(files, new Path(args[1], "file-" + n), piece, bytes);
    System.out.printf(
        "{\"seconds\": %f, \"cpuSeconds\": %f}%n",
        (System.nanoTime() - began) / 1e9, (system.getProcessCpuTime() - cpu) / 1e9);
  }

  private static void write(FileSystem files, Path path, byte[] piece, long bytes) throws Exception {
    try (FSDataOutputStream out = files.create(path, false)) {
      for (long left = bytes; left > 0; left -= piece.length)
        out.write(piece, 0, (int) Math.min(left, piece.length));
    }
  }
}
