package dev.howdah.host.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The host's way to the Kubernetes API, if there is one. The client is made when somebody first
 * asks for it, and no request is sent before somebody uses it: a host without an API server, or
 * whose API server is away, starts and serves all the same. Thread-safe.
 */
public final class KubernetesApi implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(KubernetesApi.class);

  private final @Nullable Supplier<KubernetesClient> maker;
  private final String origin;
  private final HostPlace place;
  private @Nullable KubernetesClient client;
  private boolean closed;

  /**
   * Where the host lives.
   *
   * @param namespace where it keeps its own objects
   * @param name how the names of these objects begin; the same for all replicas
   * @param identity which replica it is; the same after a restart of its container
   */
  public record HostPlace(String namespace, String name, String identity) {}

  KubernetesApi(@Nullable Supplier<KubernetesClient> maker, String origin, HostPlace place) {
    this.maker = maker;
    this.origin = origin;
    this.place = place;
  }

  /** Whether there is an API to talk to; says nothing about whether it answers. */
  public boolean available() {
    return maker != null;
  }

  /** How the API was found, in words. */
  public String origin() {
    return origin;
  }

  /** Where the host lives. */
  public HostPlace place() {
    return place;
  }

  /**
   * The client, one for the whole host; empty if there is no API to talk to. Whoever gets it must
   * not close it.
   *
   * @throws IllegalStateException if the host has stopped
   */
  public synchronized Optional<KubernetesClient> client() {
    if (maker == null) {
      return Optional.empty();
    }
    if (closed) {
      throw new IllegalStateException("The host has stopped; there is no Kubernetes client now.");
    }
    KubernetesClient made = client;
    if (made == null) {
      made = make(maker);
      client = made;
    }
    return Optional.of(made);
  }

  private KubernetesClient make(Supplier<KubernetesClient> maker) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    // The first to ask may be a plugin, and its class loader must not choose the client's parts.
    thread.setContextClassLoader(KubernetesApi.class.getClassLoader());
    try {
      KubernetesClient made = maker.get();
      LOG.atInfo()
          .addKeyValue("server", made.getMasterUrl())
          .addKeyValue("namespace", place.namespace())
          .addKeyValue("from", origin)
          .log("The Kubernetes API is used");
      return made;
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (client != null) {
      client.close();
      client = null;
    }
  }
}
