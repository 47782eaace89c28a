package dev.howdah.host.service;

import dev.howdah.host.call.CallContext;
import dev.howdah.host.call.HookCall;
import dev.howdah.host.call.NotOffered;
import dev.howdah.plugin.PluginException;
import java.util.Optional;

/** What a plugin must have, and a Cluster must want, for a call to make sense. */
final class Offers {

  private Offers() {}

  /** The hook behind an RPC, or the answer that there is none. */
  static <H> H require(HookCall call, Optional<H> hook) {
    return hook.orElseThrow(() -> new NotOffered(call.pluginName(), call.rpc().label()));
  }

  /**
   * Refuses to work for a Cluster that doesn't name the plugin: an archive call, say, must never
   * succeed without anybody being responsible for the file.
   */
  static void enabled(HookCall call, CallContext context) {
    if (context.uses().isEmpty()) {
      throw new PluginException(
          PluginException.Kind.PRECONDITION,
          "the Cluster %s doesn't enable this plugin; list it in spec.plugins"
              .formatted(call.clusterName()));
    }
  }
}
