import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.BytesWritable;
import org.apache.hadoop.io.LongWritable;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.mapreduce.Job;
import org.apache.hadoop.mapreduce.Mapper;
import org.apache.hadoop.mapreduce.lib.input.FileInputFormat;
import org.apache.hadoop.mapreduce.lib.input.SequenceFileInputFormat;
import org.apache.hadoop.mapreduce.lib.output.FileOutputFormat;
import org.apache.hadoop.mapreduce.lib.reduce.LongSumReducer;

/**
 * Counts the first word of each event (the level of a log line) in the sequence files that the hdfs sink wrote, with
 * Hadoop's local runner.
 *
 * <p>Arguments: the folder of the sequence files, the folder of the result; {@code hdfs://} or {@code file://}.
 */
public class CountLevels {
  /** The sink's default format: the event's timestamp and its body. */
  public static class FirstWord extends Mapper<LongWritable, BytesWritable, Text, LongWritable> {
    private static final LongWritable ONE = new LongWritable(1);

    @Override
    protected void map(LongWritable timestamp, BytesWritable body, Context context)
        throws IOException, InterruptedException {
      Text line = new Text(body.copyBytes());
      int end = line.find(" ");
      line.set(line.copyBytes(), 0, end < 0 ? line.getLength() : end);
      context.write(line, ONE);
    }
  }

  public static void main(String[] args) throws Exception {
    Job job = Job.getInstance(new Configuration(), "count-levels");
    job.setJarByClass(CountLevels.class);
    job.setInputFormatClass(SequenceFileInputFormat.class);
    job.setMapperClass(FirstWord.class);
    job.setCombinerClass(LongSumReducer.class);
    job.setReducerClass(LongSumReducer.class);
    job.setOutputKeyClass(Text.class);
    job.setOutputValueClass(LongWritable.class);
    FileInputFormat.addInputPath(job, new Path(args[0]));
    FileOutputFormat.setOutputPath(job, new Path(args[1]));
    System.exit(job.waitForCompletion(false) ? 0 : 1);
  }
}
