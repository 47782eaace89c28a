package dev.howdah.host.call;

/** The plugin doesn't do what it was asked for, and has never said that it does. */
public final class NotOffered extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Names the plugin and the RPC. */
  public NotOffered(String plugin, String rpc) {
    super("The plugin '%s' doesn't serve %s.".formatted(plugin, rpc));
  }
}
