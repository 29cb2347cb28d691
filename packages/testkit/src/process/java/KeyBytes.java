import java.io.FileInputStream;
import java.security.KeyStore;
import java.util.Collections;
import java.util.HexFormat;

/** The secret keys of a JCEKS store, as Flume reads them: a name and the key in hexadecimal, a line each. Arguments: the store, its password. */
public class KeyBytes {
  public static void main(String[] args) throws Exception {
    KeyStore store = KeyStore.getInstance("jceks");
    char[] password = args[1].toCharArray();
    store.load(new FileInputStream(args[0]), password);
    for (String alias : Collections.list(store.aliases()))
      System.out.println(alias + " " + HexFormat.of().formatHex(store.getKey(alias, password).getEncoded()));
  }
}
