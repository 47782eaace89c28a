package dev.howdah.host.call;

import io.grpc.Attributes;
import io.grpc.ServerTransportFilter;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What one connection has asked before.
 *
 * <p>The operator reads a plugin's capabilities once for each pooled connection and keeps them
 * through reconnects, so after an upgrade of the host it would go on with the old ones. But it
 * probes whenever it takes a connection from its pool, and makes a new one, with fresh
 * capabilities, when the probe fails. So the first probe on a connection that never asked for the
 * plugin's capabilities fails, once, at the {@linkplain ReloadPace pace} that the operator bears.
 * Thread-safe.
 */
public final class ConnectionMemory {

  private static final Attributes.Key<ConnectionMemory> KEY =
      Attributes.Key.create("howdah-connection-memory");

  private final Set<String> loaded = ConcurrentHashMap.newKeySet();
  private final Set<String> sentBack = ConcurrentHashMap.newKeySet();
  private final ReloadPace pace;

  ConnectionMemory(ReloadPace pace) {
    this.pace = pace;
  }

  /** Gives every connection a memory. */
  public static ServerTransportFilter filter() {
    ReloadPace pace = new ReloadPace(InstantSource.system());
    return new ServerTransportFilter() {
      @Override
      public Attributes transportReady(Attributes attributes) {
        return attributes.toBuilder().set(KEY, new ConnectionMemory(pace)).build();
      }
    };
  }

  /** The memory of a call's connection; a fresh one where no {@link #filter()} is installed. */
  static ConnectionMemory of(Attributes attributes) {
    ConnectionMemory memory = attributes.get(KEY);
    return memory == null ? new ConnectionMemory(new ReloadPace(InstantSource.system())) : memory;
  }

  /** The connection asked for a plugin's capabilities. */
  public void loaded(String pluginId) {
    loaded.add(pluginId);
  }

  /** Whether a probe has to fail, so that the caller loads the plugin anew; true once at most. */
  public boolean mustReload(String pluginId) {
    return !loaded.contains(pluginId)
        && !sentBack.contains(pluginId)
        && pace.allows(pluginId)
        && sentBack.add(pluginId);
  }
}
