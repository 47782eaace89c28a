package dev.howdah.host.admission;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Until when a review has to be answered. */
record TimeLimit(long endNanos) {

  private static final Pattern ASKED =
      Pattern.compile("(?:^|&)timeout=([0-9]{1,4}(?:\\.[0-9]{1,9})?)(ms|s|m)(?:&|$)");

  /**
   * The host's own limit, or a little less than what the API server says it waits, if that is
   * shorter.
   *
   * @param configured the host's limit
   * @param query of the request; the API server puts {@code timeout=10s} there
   */
  static TimeLimit of(Duration configured, String query) {
    Duration limit = configured;
    Matcher asked = ASKED.matcher(query);
    if (asked.find()) {
      double seconds =
          Double.parseDouble(asked.group(1))
              * switch (asked.group(2)) {
                case "ms" -> 0.001;
                case "m" -> 60;
                default -> 1;
              };
      Duration theirs = Duration.ofMillis((long) (seconds * 800));
      limit = theirs.compareTo(limit) < 0 ? theirs : limit;
    }
    return new TimeLimit(System.nanoTime() + limit.toNanos());
  }

  /** What is left; never less than a millisecond. */
  Duration left() {
    return Duration.ofNanos(Math.max(1_000_000, endNanos - System.nanoTime()));
  }

  /** An equal share of what is left. */
  Duration share(int of) {
    return left().dividedBy(of);
  }
}
