package dev.howdah.host.catalog;

import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * One plugin, from its discovery to its end. Thread-safe: state changes are made one at a time,
 * reads see the latest.
 */
public final class PluginHandle {

  /** Is told of every state change, on the thread that makes it. */
  @FunctionalInterface
  public interface Listener {

    /**
     * A plugin's state changed.
     *
     * @param plugin the plugin, already in its new state
     * @param before the state it was in
     */
    void changed(PluginHandle plugin, PluginState before);
  }

  private final PluginDescriptor descriptor;
  private final Clock clock;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private volatile PluginState state = PluginState.DISCOVERED;
  private volatile Instant since;
  private volatile @Nullable Problem problem;
  private volatile @Nullable HostedPlugin hosted;
  private volatile @Nullable String notReady;
  private volatile @Nullable CallError lastError;

  PluginHandle(PluginDescriptor descriptor, Clock clock, List<Listener> listeners) {
    this.descriptor = descriptor;
    this.clock = clock;
    this.since = clock.instant();
    this.listeners.addAll(listeners);
  }

  /** Who it is. */
  public PluginDescriptor descriptor() {
    return descriptor;
  }

  /** Its id. */
  public String id() {
    return descriptor.id();
  }

  /** Its name; empty if not known. */
  public String name() {
    return descriptor.name();
  }

  /** Where it is in its life. */
  public PluginState state() {
    return state;
  }

  /** Since when it is there. */
  public Instant since() {
    return since;
  }

  /** Why it doesn't serve, if it was rejected or failed. */
  public Optional<Problem> problem() {
    return Optional.ofNullable(problem);
  }

  /** What it takes to answer its calls, once it has been started. */
  public Optional<HostedPlugin> hosted() {
    return Optional.ofNullable(hosted);
  }

  /** What it takes to answer its calls, if it serves now. */
  public Optional<HostedPlugin> serving() {
    return state == PluginState.READY ? hosted() : Optional.empty();
  }

  /** Why it says that it can't do its work just now, if it does. */
  public Optional<String> notReady() {
    return Optional.ofNullable(notReady);
  }

  /** Its last call that failed. */
  public Optional<CallError> lastError() {
    return Optional.ofNullable(lastError);
  }

  /** Moves on to another state. */
  public void become(PluginState next) {
    move(next, problem);
  }

  /** Ends in {@link PluginState#REJECTED} or {@link PluginState#FAILED}. */
  public void end(PluginState next, Problem why) {
    move(next, why);
  }

  /** Has been started: serves from now on. */
  public void serve(HostedPlugin plugin) {
    this.hosted = plugin;
    move(PluginState.READY, null);
  }

  /** Takes note of what its readiness hook said. */
  public void readiness(Optional<String> reason) {
    this.notReady = reason.orElse(null);
  }

  /** Takes note of a call that failed. */
  public void failed(String rpc, String cluster, String message) {
    this.lastError = new CallError(clock.instant(), rpc, cluster, message);
  }

  private synchronized void move(PluginState next, @Nullable Problem why) {
    PluginState before = state;
    if (before.terminal() && before != next) {
      throw new IllegalStateException(
          "The plugin '%s' is %s and can't become %s.".formatted(id(), before, next));
    }
    this.problem = why;
    this.since = clock.instant();
    this.state = next;
    if (next.terminal()) {
      // Else the catalogue would keep the plugin's classes in memory.
      this.hosted = null;
    }
    listeners.forEach(listener -> listener.changed(this, before));
  }

  @Override
  public String toString() {
    return id() + " (" + state + ")";
  }
}
