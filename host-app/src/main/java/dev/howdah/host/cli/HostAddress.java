package dev.howdah.host.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A TCP address as the command line writes it: {@code host:port}, {@code [IPv6]:port} or, as Go
 * programs have it, {@code :port}.
 *
 * @param host name or address without brackets; empty where none was written
 */
record HostAddress(String host, int port) {

  private static final Pattern SHAPE =
      Pattern.compile("(?:\\[(?<v6>[0-9a-fA-F:.%]+)]|(?<host>[^:\\[\\]/\\s]*)):(?<port>\\d{1,5})");

  static HostAddress parse(String flag, String text) {
    Matcher matcher = SHAPE.matcher(text);
    if (!matcher.matches() || Integer.parseInt(matcher.group("port")) > 65_535) {
      throw CommandFailure.usage(
          "%s of %s isn't an address; write host:port, [IPv6 address]:port or :port."
              .formatted("\"" + text + "\"", flag));
    }
    String v6 = matcher.group("v6");
    return new HostAddress(
        v6 != null ? v6 : matcher.group("host"), Integer.parseInt(matcher.group("port")));
  }

  /** For a server: no host means every address of the machine. */
  String orEveryAddress() {
    return host.isEmpty() ? "0.0.0.0" : host;
  }

  /** For a client: no host means this machine. */
  String orThisMachine() {
    return host.isEmpty() ? "127.0.0.1" : host;
  }

  @Override
  public String toString() {
    String shown = orThisMachine();
    return (shown.contains(":") ? "[" + shown + "]" : shown) + ":" + port;
  }
}
