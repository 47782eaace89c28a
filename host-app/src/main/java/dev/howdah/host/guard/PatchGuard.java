package dev.howdah.host.guard;

import dev.howdah.plugin.cluster.Cluster;
import io.fabric8.kubernetes.api.model.HasMetadata;
import org.jspecify.annotations.Nullable;

/**
 * Makes the RFC 6902 patch that turns an object as the operator sent it into the object that a
 * plugin wants, and refuses what would break it. Thread-safe.
 *
 * <p>The difference is taken between both sides of the same model, so fields that the model doesn't
 * know are never touched. Before a patch leaves, it is applied to the original and the result
 * compared with what was wanted.
 */
public final class PatchGuard {

  /**
   * Decodes an object as the operator sent it.
   *
   * @param json the object's JSON in UTF-8
   * @param model the class that models it
   * @return a new object, free to change
   * @throws dev.howdah.plugin.PluginException of kind {@code INVALID} if it can't be decoded
   */
  public <T extends HasMetadata> T decode(byte[] json, Class<T> model) {
    throw new UnsupportedOperationException();
  }

  /**
   * Makes the answer of a lifecycle hook.
   *
   * @param plugin name of the plugin
   * @param original the object's JSON as the operator sent it; the difference is taken from what
   *     {@link #decode} makes of it, so the plugin may have changed the object it was given
   * @param after the object as the plugin wants it
   * @return a JSON patch in UTF-8; empty if there is nothing to change
   * @throws GuardViolation if the operator can't take the change, or it would break the object
   */
  public byte[] lifecyclePatch(String plugin, byte[] original, @Nullable HasMetadata after) {
    throw new UnsupportedOperationException();
  }

  /**
   * Makes the answer of a defaults hook.
   *
   * @param plugin name of the plugin
   * @param before the Cluster as it was sent
   * @param after the Cluster as the plugin wants it
   * @return a JSON patch in UTF-8; empty if there is nothing to change
   * @throws GuardViolation if it would become another Cluster, or its status would change
   */
  public byte[] clusterPatch(String plugin, Cluster before, @Nullable Cluster after) {
    throw new UnsupportedOperationException();
  }
}
