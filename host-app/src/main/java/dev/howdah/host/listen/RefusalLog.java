package dev.howdah.host.listen;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs turned-away connections without letting those who are turned away fill the log: the same
 * refusal once in five minutes. The metric counts them all.
 */
final class RefusalLog {
  private static final Logger LOG = LoggerFactory.getLogger(RefusalLog.class);
  private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(5);
  private static final int REMEMBERED = 100;

  private final String listener;

  /** Guarded by itself. */
  private final Map<String, Long> lastLogged =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > REMEMBERED;
        }
      };

  RefusalLog(String listener) {
    this.listener = listener;
  }

  void log(Refusal reason, String client, String detail) {
    if (reason == Refusal.ABORTED) {
      LOG.atDebug().addKeyValue("listener", listener).log("A client hung up at its handshake");
      return;
    }
    if (isDue(String.join(" ", reason.tag(), client, detail))) {
      LOG.atWarn()
          .addKeyValue("listener", listener)
          .addKeyValue("client", client)
          .addKeyValue("reason", reason.tag())
          .addKeyValue("detail", detail)
          .log("Turned a connection away");
    }
  }

  private boolean isDue(String refusal) {
    long now = System.nanoTime();
    synchronized (lastLogged) {
      Long last = lastLogged.get(refusal);
      if (last != null && now - last < QUIET_NANOS) {
        return false;
      }
      lastLogged.put(refusal, now);
      return true;
    }
  }
}
