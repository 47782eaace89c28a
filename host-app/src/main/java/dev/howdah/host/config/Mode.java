package dev.howdah.host.config;

import dev.howdah.plugin.registry.Side;
import java.util.Locale;

/** What part of the work this process does. */
public enum Mode {
  /** Everything, on one machine: TCP and sockets. */
  ALL(Side.ALL),
  /** Beside the operator: TCP. */
  OPERATOR(Side.OPERATOR),
  /** Inside an instance's Pod: sockets. */
  INSTANCE(Side.INSTANCE);

  private final Side side;

  Mode(Side side) {
    this.side = side;
  }

  /** As it is written in configuration and in records: in lower case. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Which services plugins declare in this mode. */
  public Side side() {
    return side;
  }

  /** Whether the host listens on TCP. */
  public boolean tcp() {
    return this != INSTANCE;
  }

  /** Whether the host listens on sockets. */
  public boolean sockets() {
    return this != OPERATOR;
  }
}
