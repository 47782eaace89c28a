package dev.howdah.plugin;

import dev.howdah.plugin.cluster.Cluster;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What surrounds one call of a hook. Valid during that call only. Thread-safe. */
public interface HookContext {

  /** The Cluster that the call is about, as the caller sent it. */
  Cluster cluster();

  /** Every place in which the Cluster names this plugin; empty if it names it nowhere. */
  List<PluginUse> uses();

  /** The Cluster's own use of this plugin ({@code spec.plugins}), if it is enabled there. */
  default Optional<PluginUse.Own> own() {
    return use(PluginUse.Own.class);
  }

  /** The use of one kind, if the Cluster has it. */
  default <U extends PluginUse> Optional<U> use(Class<U> kind) {
    return uses().stream().filter(kind::isInstance).map(kind::cast).findFirst();
  }

  /**
   * The parameters that the Cluster's own use gives, bound to a record; a Cluster without own use
   * gives none, so defaults hold.
   *
   * @throws PluginException of kind {@link PluginException.Kind#INVALID} if they are wrong
   */
  <P extends Record> P parameters(Class<P> type);

  /**
   * Time left until the host gives up on this call, or empty if it waits for as long as the caller
   * does. Never negative.
   */
  Optional<Duration> remaining();

  /**
   * Whether nobody waits for the answer any more. The hook's thread has then been interrupted, too.
   */
  boolean isCancelled();

  /**
   * Runs an action when the call is cancelled or times out; at once if that has already happened.
   * For work that interrupting a thread does not end, such as a request on its way.
   *
   * @param action short and not blocking; runs on a thread of the host's
   */
  void onCancel(Runnable action);
}
