package dev.howdah.host.route;

import java.util.Locale;

/**
 * The host part of an HTTP/2 {@code :authority}: lower case, without port and trailing dot.
 *
 * @param host the normalised host
 */
record Authority(String host) {

  static Authority of(String raw) {
    String host = raw.toLowerCase(Locale.ROOT);
    if (host.startsWith("[")) {
      int end = host.indexOf(']');
      return new Authority(end < 0 ? host : host.substring(1, end));
    }
    int colon = host.indexOf(':');
    if (colon >= 0 && colon == host.lastIndexOf(':')) {
      host = host.substring(0, colon);
    }
    while (host.endsWith(".")) {
      host = host.substring(0, host.length() - 1);
    }
    return new Authority(host);
  }

  /** Whether it is an IP literal, for which TLS clients send no server name. */
  boolean ipLiteral() {
    if (host.indexOf(':') >= 0) {
      return true;
    }
    String[] parts = host.split("\\.", -1);
    if (parts.length != 4) {
      return false;
    }
    for (String part : parts) {
      if (part.isEmpty() || part.length() > 3 || !part.chars().allMatch(Character::isDigit)) {
        return false;
      }
    }
    return true;
  }
}
