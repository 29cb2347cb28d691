import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flume.Channel;
import org.apache.flume.Context;
import org.apache.flume.channel.LoadBalancingChannelSelector;
import org.apache.flume.channel.MemoryChannel;
import org.apache.flume.event.EventBuilder;

/**
 * Flume's load balancing selector, which no configuration of Flume 1.11 can have. Arguments: a policy, a number of
 * channels, a number of events. Prints the channel of each event, c0 and so on, or what was thrown.
 */
public class SelectChannels {
  public static void main(String[] args) {
    List<Channel> channels = new ArrayList<>();
    for (int i = 0; i < Integer.parseInt(args[1]); i++) {
      MemoryChannel channel = new MemoryChannel();
      channel.setName("c" + i);
      channels.add(channel);
    }
    LoadBalancingChannelSelector selector = new LoadBalancingChannelSelector();
    selector.setChannels(channels);
    try {
      selector.configure(new Context(Map.of("policy", args[0])));
    } catch (RuntimeException thrown) {
      System.out.println(thrown.getMessage());
      return;
    }
    for (int i = 0; i < Integer.parseInt(args[2]); i++) {
      List<Channel> chosen = selector.getRequiredChannels(EventBuilder.withBody(new byte[0]));
      if (chosen.size() != 1 || !selector.getOptionalChannels(null).isEmpty()) throw new IllegalStateException();
      System.out.println(chosen.get(0).getName());
    }
  }
}
